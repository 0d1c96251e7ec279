/** Prints what the readers say of the network that this process is in, without asking any service. */
import { createMachineReaders } from "../../../../src/platform/readings/machine-readers.ts";
import { machine, NOBODY_STOPS } from "../machine.ts";

const readers = createMachineReaders("linux", machine({ root: "/" }));
console.log(JSON.stringify(await readers.network(NOBODY_STOPS)));
