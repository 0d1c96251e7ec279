/** What to do with the time until a server answers: what will be needed and does not depend on what it says. */

/** Lets a request go out and then does some work; an error of the request is left to who waits for its answer. */
export async function usingTheWait(answer: Promise<unknown>, work: () => void): Promise<void> {
  answer.catch(() => {});
  await nextTurn();
  work();
}

/**
 * Lets a request go out and then takes step after step until the answer is there or nothing is left to do. A step should
 * take a millisecond at most: so much later the answer may be noticed.
 */
export async function steppingThrough<Answer>(
  answer: Promise<Answer>,
  steps: Iterable<unknown>,
): Promise<Answer> {
  let isHere = false;
  const notice = (): void => {
    isHere = true;
  };
  answer.then(notice, notice);
  await nextTurn();
  for (const _step of steps) {
    await nextTurn();
    if (isHere) break;
  }
  return answer;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
