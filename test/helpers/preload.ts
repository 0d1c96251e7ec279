import { afterAll } from "bun:test";

import { removeTemporary } from "./temporary.ts";

afterAll(removeTemporary);
