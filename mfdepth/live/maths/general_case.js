// The general case: a symmetric trajectory that is unstable. mfdepth/general.py, for d = 4.
//
// First layer F(x) = mean_k a_k ReLU(w_k.x); frozen even second layer f = (z^2 + B^2)/(4B) while z = |s F| < B, then z/2;
// inputs in pairs x, -x with y = |x_1|. F = 0 is an equilibrium. Near it the odd part of F, A.x/2 with A = mean_k a_k w_k,
// moves by itself, A' = M A, and M has a positive eigenvalue lambda. Matrices are Float64Array, row by row.

export const GENERAL_DIMENSION = 4;

// One half of the inputs, x of `pairs` rows; the other half is -x.
export function generalCase(x, s) {
  const pairs = x.length / GENERAL_DIMENSION;
  const y = Float64Array.from({ length: pairs }, (_, i) => Math.abs(x[GENERAL_DIMENSION * i]));
  const mean = y.reduce((sum, v) => sum + v, 0) / pairs;
  const B = 4 * mean;
  return { x, y, s, B, pairs, pull: y.map((v) => ((v - mean) * s * s) / (2 * B)) };
}

// lambda, of the flow and of Euler steps; the direction v of the mode; and the factors between v.A and the amplitude p of
// the mode on the inputs (root mean square 1), and its standard deviation at the start times sqrt(m).
export function unstableMode({ x, pull, pairs }, size, step) {
  const d = GENERAL_DIMENSION;
  const M = new Float64Array(d * d);
  for (let i = 0; i < pairs; i++) {
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) M[j * d + k] += (pull[i] * x[i * d + j] * x[i * d + k]) / pairs;
  }
  const gain = (1 + d * size * size) / (4 * d); // E_w[w ReLU(w.x)]/2 = x/(4 d), and E[a^2]/4 for the turning of w
  const v = topEigenvector(M.map((entry) => gain * entry), d);
  const rate = gain * quadraticForm(M, v, d);
  let square = 0;
  for (let i = 0; i < pairs; i++) square += rowTimes(x, i, v, d) ** 2 / pairs;
  const scale = Math.sqrt(square) / 2; // p = scale v.A
  return { rate, eulerRate: Math.log1p(step * rate) / step, v, scale, start: (scale * size) / Math.sqrt(d) };
}

// Of a symmetric matrix: M + |M| I, squared until only the top eigenvector is left.
function topEigenvector(M, d) {
  const norm = (P) => Math.hypot(...P);
  const shift = norm(M);
  let P = M.map((entry, i) => entry + (i % (d + 1) ? 0 : shift));
  for (let n = 0; n < 60; n++) {
    const size = norm(P);
    const Q = new Float64Array(d * d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) Q[i * d + j] += (P[i * d + k] * P[k * d + j]) / (size * size);
    P = Q;
  }
  let best = 0;
  for (let i = 1; i < d; i++) if (P[i * d + i] > P[best * d + best]) best = i;
  const column = P.slice(best * d, best * d + d);
  const length = Math.hypot(...column);
  return column.map((c) => c / length);
}

function rowTimes(x, i, v, d) {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += x[i * d + j] * v[j];
  return sum;
}

function quadraticForm(M, v, d) {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += v[i] * rowTimes(M, i, v, d);
  return sum;
}

// The width that keeps the mode, start e^{lambda t}/sqrt(m), below an error until time t.
export function widthNeeded({ start, eulerRate }, error, t) {
  return ((start * Math.exp(eulerRate * t)) / error) ** 2;
}

// Euler steps from (a, w); w of a.length rows. Saved every `every` steps, `count` times from t = 0: the root mean square of F
// over the inputs (error), and the amplitude of the mode. With q = (y - f) df/dF and G_k = E[q 1{w_k.x > 0} x] a neuron
// moves by a_k' = w_k.G_k, w_k' = a_k G_k. Of a pair only x is looked at: what is active at -x is what is not at x, so
// F(-x) = F(x) - A.x, and G_k is a sum over the active x of (q(x) + q(-x)) x, less one vector for all neurons.
export function generalRun(generalCase, mode, a0, w0, step, every, count) {
  const { x, y, s, B, pairs } = generalCase;
  const m = a0.length;
  const [a, w] = [Float64Array.from(a0), Float64Array.from(w0)];
  const F = new Float64Array(pairs); // at x, times m; then q(x) + q(-x)
  const saved = { error: [], amplitude: [] };
  const q = (F, y) => {
    const z = s * F;
    const inside = Math.abs(z) <= B;
    const f = inside ? (z * z + B * B) / (4 * B) : Math.abs(z) / 2;
    return (y - f) * (s / 2) * (inside ? z / B : Math.sign(z));
  };
  for (let n = 0; n <= every * (count - 1); n++) {
    F.fill(0);
    let [A0, A1, A2, A3] = [0, 0, 0, 0];
    for (let k = 0; k < m; k++) {
      const [u0, u1, u2, u3] = [a[k] * w[4 * k], a[k] * w[4 * k + 1], a[k] * w[4 * k + 2], a[k] * w[4 * k + 3]];
      A0 += u0;
      A1 += u1;
      A2 += u2;
      A3 += u3;
      const ak = a[k];
      const [w0, w1, w2, w3] = [w[4 * k], w[4 * k + 1], w[4 * k + 2], w[4 * k + 3]];
      for (let i = 0, j = 0; i < pairs; i++, j += 4) {
        const pre = w0 * x[j] + w1 * x[j + 1] + w2 * x[j + 2] + w3 * x[j + 3];
        F[i] += ak * Math.max(pre, 0);
      }
    }
    let square = 0;
    let [c0, c1, c2, c3] = [0, 0, 0, 0]; // E[q(-x) x], the part that no neuron's activity changes
    for (let i = 0, j = 0; i < pairs; i++, j += 4) {
      const front = F[i] / m;
      const back = front - (A0 * x[j] + A1 * x[j + 1] + A2 * x[j + 2] + A3 * x[j + 3]) / m;
      square += front * front + back * back;
      const [qFront, qBack] = [q(front, y[i]) / (2 * pairs), q(back, y[i]) / (2 * pairs)];
      c0 += qBack * x[j];
      c1 += qBack * x[j + 1];
      c2 += qBack * x[j + 2];
      c3 += qBack * x[j + 3];
      F[i] = qFront + qBack;
    }
    if (n % every === 0) {
      saved.error.push(Math.sqrt(square / (2 * pairs)));
      saved.amplitude.push((mode.scale * (mode.v[0] * A0 + mode.v[1] * A1 + mode.v[2] * A2 + mode.v[3] * A3)) / m);
    }
    for (let k = 0; k < m; k++) {
      const [w0, w1, w2, w3] = [w[4 * k], w[4 * k + 1], w[4 * k + 2], w[4 * k + 3]];
      let [G0, G1, G2, G3] = [-c0, -c1, -c2, -c3];
      for (let i = 0, j = 0; i < pairs; i++, j += 4) {
        const pre = w0 * x[j] + w1 * x[j + 1] + w2 * x[j + 2] + w3 * x[j + 3];
        const on = pre > 0 ? F[i] : 0;
        G0 += on * x[j];
        G1 += on * x[j + 1];
        G2 += on * x[j + 2];
        G3 += on * x[j + 3];
      }
      const ak = step * a[k];
      a[k] += step * (w0 * G0 + w1 * G1 + w2 * G2 + w3 * G3);
      w[4 * k] += ak * G0;
      w[4 * k + 1] += ak * G1;
      w[4 * k + 2] += ak * G2;
      w[4 * k + 3] += ak * G3;
    }
  }
  return saved;
}
