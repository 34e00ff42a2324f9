// The dots of the harmonics: networks trained from a seed, as `Training` does; `Harmonics(...).seeds()` repeats them.

import { errorsOf } from "../maths/rho.js";
import { createTraining, isOver, planFor, trainInterval } from "../training/course.js";

// save({ rho, parts }) at each of the times.
export function trainSeed({ d, m1, alpha, w2, b2 }, times, seed, degree, save) {
  const settings = { d, m1, m2: 1, alpha, w2, b2, spread: 0, eta_1: 1, eta_2: 1, seed };
  const training = createTraining(settings, planFor(times));
  const report = () => save(errorsOf(training.state.w1, d, degree)); // rotations leave them as they are
  report();
  while (!isOver(training)) {
    trainInterval(training);
    if (training.plan.saves[training.k - 1] && !training.problem) report();
  }
}
