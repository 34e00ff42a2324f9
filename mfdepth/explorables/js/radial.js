// Averages over the radius in the browser: mfdepth/radial.py for second layers whose slopes are negative or zero, as every
// flow under the Bessel law has them. The partial moments of the law come from a table, since a step at the size of the
// paper asks for fifty thousand triples of them. Needs law.js. Plain script: no import, no export.

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
function momentTable(law) {
  const perUnit = 4 * law.k;
  const coefficients = new Float64Array(PIECES * 3 * TABLE_TERMS);
  const known = new Uint8Array(PIECES);

  function fitPiece(piece) {
    const values = CHEBYSHEV.map((x) => law.moments((piece + (x + 1) / 2) / perUnit));
    for (let order = 0; order < 3; order++) {
      for (let power = 0; power < TABLE_TERMS; power++) {
        let sum = 0;
        for (let i = 0; i < TABLE_TERMS; i++) sum += FIT[power][i] * values[i][order];
        coefficients[(3 * piece + order) * TABLE_TERMS + power] = sum;
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
    let at = 3 * piece * TABLE_TERMS + TABLE_TERMS - 1;
    for (let order = 0; order < 3; order++, at += TABLE_TERMS) {
      let sum = coefficients[at];
      for (let j = 1; j < TABLE_TERMS; j++) sum = sum * t + coefficients[at - j];
      out[order] = sum;
    }
  }
  return { law, read, one: law.moments(1) };
}

// The second layer in the order of its kinks, which all directions share; sums from the far end say what the neurons
// that outlast a kink are worth there.
function sortedSecondLayer(w2, b2) {
  const m2 = w2.length;
  const at = Array.from(w2, (w, j) => (b2[j] > 0 ? b2[j] / Math.max(-w, 1 / FAR) : 0));
  const order = at.map((_, j) => j).sort((i, j) => at[i] - at[j]);
  const pick = (x) => Float64Array.from(order, (j) => x[j]);
  const beyond = (x) => {
    const sums = Float64Array.from(x);
    for (let j = m2 - 2; j >= 0; j--) sums[j] += sums[j + 1];
    return sums;
  };
  const [w, b, kink] = [pick(w2), pick(b2), pick(at)];
  return { m2, order, w, b, kink, bBeyond: beyond(b), wBeyond: beyond(w) };
}

// In each direction, where F(x) = slope r, with g = f* - f:  loss = 1/2 E g^2,  pull = E[g S r],  S = mean_j w2_j 1{active};
// and, over all directions, the means of slope E[g r 1{j active}] (dw2) and of E[g 1{j active}] (db2).
function radialAverages(table, slopes, w2, b2) {
  const { m2, order, w, b, kink, bBeyond, wBeyond } = sortedSecondLayer(w2, b2);
  const [one0, one1, one2] = table.one;
  const n = slopes.length;
  const [loss, pull] = [new Float64Array(n), new Float64Array(n)];
  const [dw2, db2] = [new Float64Array(m2), new Float64Array(m2)];
  const M = new Float64Array(3);
  for (let i = 0; i < n; i++) {
    const F = slopes[i];
    const perF = 1 / Math.max(F, 1 / FAR);
    let [before0, before1, overlap, S] = [0, 0, 0, 0];
    for (let j = 0; j < m2; j++) {
      const R = Math.min(kink[j] * perF, FAR);
      table.read(R, M);
      const [M0, M1, M2] = M;
      const wF = w[j] * F;
      const target0 = R < 1 ? M0 - M1 : one0 - one1; // E[f* 1{active}], E[f* r 1{active}]
      const target1 = R < 1 ? M1 - M2 : one1 - one2;
      const active0 = target0 - (bBeyond[j] * M0 + wBeyond[j] * F * M1 + before0) / m2;
      const active1 = target1 - (bBeyond[j] * M1 + wBeyond[j] * F * M2 + before1) / m2;
      before0 += b[j] * M0 + wF * M1;
      before1 += b[j] * M1 + wF * M2;
      overlap += b[j] * (target0 + active0) + wF * (target1 + active1);
      S += w[j] * active1;
      dw2[order[j]] += (F * active1) / n;
      db2[order[j]] += active0 / n;
    }
    loss[i] = (one0 - 2 * one1 + one2 - overlap / m2) / 2;
    pull[i] = S / m2;
  }
  return { loss, pull, dw2, db2 };
}
