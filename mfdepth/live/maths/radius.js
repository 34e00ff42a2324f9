// Averages over the radius in the browser: mfdepth/radius.py for second layers whose slopes are negative or zero, as
// every flow under the Bessel law has them. The partial moments of the law come from a table, since a step at the size
// of the paper asks for fifty thousand triples of them.

const PIECES = 1 << 14; // of the table, a quarter of s = k r each; beyond, the law's own moments
const TABLE_TERMS = 8; // a polynomial of degree 7 on a width of 1/4 leaves less than 1e-11
const FAR = 1e30; // stands for a kink at infinity, as in Python
export const NODES = 8; // slopes at which the second layer is seen,
const SMOOTH = 3e-3; // how small the last coefficients must be,
const MANY = 2000; // and the directions times neurons from which on

// The matrix that turns values at the Chebyshev nodes of [-1, 1] into coefficients of 1, x, x^2, ...
const CHEBYSHEV = Array.from({ length: TABLE_TERMS }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / TABLE_TERMS));
const FIT = (() => {
  const powers = [[1], [0, 1]]; // of T_0, T_1, ...
  for (let n = 2; n < TABLE_TERMS; n++) {
    powers.push(Array.from({ length: n + 1 }, (_, j) => 2 * (powers[n - 1][j - 1] ?? 0) - (powers[n - 2][j] ?? 0)));
  }
  const fit = (power, x) =>
    powers.reduce((sum, T, n) => sum + (n ? 2 : 1) * (T[power] ?? 0) * Math.cos(n * Math.acos(x)), 0) / TABLE_TERMS;
  return powers.map((_, power) => CHEBYSHEV.map((x) => fit(power, x)));
})();

// table.read(r, out): the three partial moments at r. A piece is fitted when it is first asked for.
export function momentTable(law) {
  const perUnit = 4 * law.k;
  const coefficients = new Float64Array(PIECES * 3 * TABLE_TERMS);
  const known = new Uint8Array(PIECES);

  function fitPiece(piece) {
    const values = CHEBYSHEV.map((x) => law.moments((piece + (x + 1) / 2) / perUnit));
    for (let order = 0; order < 3; order++) {
      for (let power = 0; power < TABLE_TERMS; power++) {
        let sum = 0;
        for (let i = 0; i < TABLE_TERMS; i++) sum += FIT[power][i] * values[i][order];
        coefficients[3 * (piece * TABLE_TERMS + TABLE_TERMS - 1 - power) + order] = sum; // in Horner's order
      }
    }
    known[piece] = 1;
  }

  function read(r, out) {
    const x = r * perUnit;
    if (!(x < PIECES)) {
      [out[0], out[1], out[2]] = law.moments(r);
      return;
    }
    const piece = Math.floor(x);
    if (!known[piece]) fitPiece(piece);
    const t = 2 * (x - piece) - 1;
    let sum0 = 0; // side by side: none waits for another
    let sum1 = 0;
    let sum2 = 0;
    for (let at = 3 * piece * TABLE_TERMS, end = at + 3 * TABLE_TERMS; at < end; at += 3) {
      sum0 = sum0 * t + coefficients[at];
      sum1 = sum1 * t + coefficients[at + 1];
      sum2 = sum2 * t + coefficients[at + 2];
    }
    out[0] = sum0;
    out[1] = sum1;
    out[2] = sum2;
  }
  return { law, read, one: law.moments(1) };
}

// The second layer in the order of its kinks, which all directions share; sums from the far end say what the neurons
// that outlast a kink are worth there.
export function sortedSecondLayer(w2, b2) {
  const m2 = w2.length;
  const at = new Float64Array(m2);
  for (let j = 0; j < m2; j++) at[j] = b2[j] > 0 ? b2[j] / Math.max(-w2[j], 1 / FAR) : 0;
  const order = Uint16Array.from(at.keys()).sort((i, j) => at[i] - at[j]);
  const [w, b, kink, wBeyond, bBeyond] = [0, 1, 2, 3, 4].map(() => new Float64Array(m2));
  for (let j = m2 - 1, wSum = 0, bSum = 0; j >= 0; j--) {
    [w[j], b[j], kink[j]] = [w2[order[j]], b2[order[j]], at[order[j]]];
    [wBeyond[j], bBeyond[j]] = [wSum += w[j], bSum += b[j]];
  }
  return { m2, order, w, b, kink, wBeyond, bBeyond };
}

// In each direction, where F(x) = slope r, with g = f* - f:  loss = 1/2 E g^2,  pull = E[g S r],  S = mean_j w2_j
// 1{active}; and, over all directions, the means of slope E[g r 1{j active}] (dw2) and of E[g 1{j active}] (db2), with
// weights where there are some.
export function radialAverages(table, slopes, w2, b2, sorted = sortedSecondLayer(w2, b2), weights = null) {
  const { m2, order, w, b, kink, wBeyond, bBeyond } = sorted;
  const [one0, one1, one2] = table.one;
  const n = slopes.length;
  const [loss, pull] = [new Float64Array(n), new Float64Array(n)];
  const [h0, h1] = [new Float64Array(m2), new Float64Array(m2)]; // in the order of the kinks
  const M = new Float64Array(3);
  const share = 1 / m2;
  for (let i = 0; i < n; i++) {
    const F = slopes[i];
    const perF = 1 / Math.max(F, 1 / FAR);
    const weight = weights ? weights[i] : 1 / n;
    let [before0, before1, overlap, S] = [0, 0, 0, 0];
    for (let j = 0; j < m2; j++) {
      const R = Math.min(kink[j] * perF, FAR);
      table.read(R, M);
      const M0 = M[0];
      const M1 = M[1];
      const M2 = M[2];
      const wF = w[j] * F;
      const target0 = R < 1 ? M0 - M1 : one0 - one1; // E[f* 1{active}], E[f* r 1{active}]
      const target1 = R < 1 ? M1 - M2 : one1 - one2;
      const active0 = target0 - share * (bBeyond[j] * M0 + wBeyond[j] * F * M1 + before0);
      const active1 = target1 - share * (bBeyond[j] * M1 + wBeyond[j] * F * M2 + before1);
      before0 += b[j] * M0 + wF * M1;
      before1 += b[j] * M1 + wF * M2;
      overlap += b[j] * (target0 + active0) + wF * (target1 + active1);
      S += w[j] * active1;
      h0[j] += weight * active0;
      h1[j] += weight * F * active1;
    }
    loss[i] = (one0 - 2 * one1 + one2 - overlap * share) / 2;
    pull[i] = S * share;
  }
  const [dw2, db2] = [new Float64Array(m2), new Float64Array(m2)];
  for (let j = 0; j < m2; j++) {
    dw2[order[j]] = h1[j];
    db2[order[j]] = h0[j];
  }
  return { loss, pull, dw2, db2 };
}

// Chebyshev's points, and the matrix from values there to coefficients.
function chebyshev(n) {
  const angles = Float64Array.from({ length: n }, (_, i) => (Math.PI * (i + 0.5)) / n);
  const toCoefficients = Array.from({ length: n }, (_, k) => angles.map((a) => ((k ? 2 : 1) / n) * Math.cos(k * a)));
  return { points: angles.map(Math.cos), toCoefficients };
}

// T_0(x) .. T_{n-1}(x) for each x, row by row.
function polynomials(xs, n) {
  const T = new Float64Array(xs.length * n);
  xs.forEach((x, i) => {
    T[i * n] = 1;
    T[i * n + 1] = x;
    for (let k = 2; k < n; k++) T[i * n + k] = 2 * x * T[i * n + k - 1] - T[i * n + k - 2];
  });
  return T;
}

const dot = (x, y) => x.reduce((sum, v, i) => sum + v * y[i], 0);

// The pull in every direction, and dw2, db2, of many neurons through few slopes, as `Heun.averages` in
// mfdepth/finite/heun.py: what depends on the direction does so through F(u) alone, and smoothly. The second layer is
// seen at Chebyshev nodes of the range of F; where the last coefficients are not small, at twice as many from then on
// (view.nodes); at all F where that is not enough, or F is widely spread.
export function directionAverages(table, slopes, w2, b2, view) {
  const [n, sorted] = [slopes.length, sortedSecondLayer(w2, b2)];
  const [low, high] = [slopes.reduce((a, b) => Math.min(a, b)), slopes.reduce((a, b) => Math.max(a, b))];
  const [middle, half] = [(low + high) / 2, (high - low) / 2 + 1e-6 * high];
  while (n * w2.length >= MANY && view.nodes <= n / 4 && low >= high / 8) {
    const nodes = view.nodes;
    const { points, toCoefficients } = chebyshev(nodes);
    const T = polynomials(slopes.map((F) => (F - middle) / half), nodes);
    const means = Float64Array.from(
      { length: nodes },
      (_, k) => slopes.reduce((sum, _, i) => sum + T[i * nodes + k], 0) / n,
    );
    const weights = points.map((_, i) => toCoefficients.reduce((sum, row, k) => sum + means[k] * row[i], 0));
    const seen = points.map((x) => middle + half * x);
    const { pull, dw2, db2 } = radialAverages(table, seen, w2, b2, sorted, weights);
    const values = pull.map((x, i) => x * seen[i]); // F pull, as both layers feel it
    const coefficients = Float64Array.from(toCoefficients, (row) => dot(row, values));
    const sizes = coefficients.map(Math.abs);
    if (Math.max(...sizes.slice(-2)) <= SMOOTH * Math.max(...sizes.slice(1))) {
      return { pull: slopes.map((F, i) => dot(coefficients, T.subarray(i * nodes)) / F), dw2, db2 };
    }
    view.nodes *= 2;
  }
  return radialAverages(table, slopes, w2, b2, sorted);
}
