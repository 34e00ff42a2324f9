// Averages over the radius in the browser: mfdepth/radius.py for second layers whose slopes are negative or zero, as
// every flow under the Bessel law has them. The partial moments of the law come from a table, since a step at the size
// of the paper asks for fifty thousand triples of them.

const PIECES = 1 << 14; // of the table, a quarter of s = k r each; beyond, the law's own moments
const TABLE_TERMS = 8; // a polynomial of degree 7 on a width of 1/4 leaves less than 1e-11
const FAR = 1e30; // stands for a kink at infinity, as in Python

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
// 1{active}; and, over all directions, the means of slope E[g r 1{j active}] (dw2) and of E[g 1{j active}] (db2).
export function radialAverages(table, slopes, w2, b2, sorted = sortedSecondLayer(w2, b2)) {
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
      h0[j] += active0;
      h1[j] += F * active1;
    }
    loss[i] = (one0 - 2 * one1 + one2 - overlap * share) / 2;
    pull[i] = S * share;
  }
  const [dw2, db2] = [new Float64Array(m2), new Float64Array(m2)];
  for (let j = 0; j < m2; j++) {
    dw2[order[j]] = h1[j] / n;
    db2[order[j]] = h0[j] / n;
  }
  return { loss, pull, dw2, db2 };
}
