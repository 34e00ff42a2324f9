// Matrices as Float64Array, row by row. What runs at each step of a flow is written as loops with sums side by side:
// none waits for another, and a callback an entry would cost more than the products.

// A B^T for A (m x n) and B (p x n).
export function product(A, B, n) {
  const [m, p] = [A.length / n, B.length / n];
  const C = new Float64Array(m * p);
  timesTransposed(A, B, C, m, p, n);
  return C;
}

// C = A B^T for A (m x n) and B (p x n): both are read along their rows, two and four at a time. At the edges a row is
// computed twice instead of once.
export function timesTransposed(A, B, C, m, p, n) {
  for (let i = 0; i < m; i += 2) {
    const i1 = Math.min(i + 1, m - 1);
    const [a0, a1] = [i * n, i1 * n];
    for (let j = 0; j < p; j += 4) {
      const [j1, j2, j3] = [Math.min(j + 1, p - 1), Math.min(j + 2, p - 1), Math.min(j + 3, p - 1)];
      const [b0, b1, b2, b3] = [j * n, j1 * n, j2 * n, j3 * n];
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let k = 0; k < n; k++) {
        const x0 = A[a0 + k];
        const x1 = A[a1 + k];
        const y0 = B[b0 + k];
        const y1 = B[b1 + k];
        const y2 = B[b2 + k];
        const y3 = B[b3 + k];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
      }
      const [c0, c1] = [i * p, i1 * p];
      C[c0 + j] = s00;
      C[c0 + j1] = s01;
      C[c0 + j2] = s02;
      C[c0 + j3] = s03;
      C[c1 + j] = s10;
      C[c1 + j1] = s11;
      C[c1 + j2] = s12;
      C[c1 + j3] = s13;
    }
  }
}

const BLOCK = 32; // rows at a time, of which a few products below the diagonal come along

// A A^T for A (m x n) from its diagonal on: visit(i, those of row i with rows i, i + 1, ...).
export function eachProduct(A, m, n, visit) {
  const C = new Float64Array(BLOCK * m);
  for (let first = 0; first < m; first += BLOCK) {
    const [rows, columns, rest] = [Math.min(BLOCK, m - first), m - first, A.subarray(first * n)];
    timesTransposed(rest, rest, C, rows, columns, n);
    for (let i = 0; i < rows; i++) visit(first + i, C.subarray(i * columns + i, (i + 1) * columns));
  }
}

export function transposed(A, m, n) {
  const T = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) T[j * m + i] = A[i * n + j];
  return T;
}

export function rowLengths(A, m, n) {
  const lengths = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let k = i * n; k < (i + 1) * n; k++) sum += A[k] * A[k];
    lengths[i] = Math.sqrt(sum);
  }
  return lengths;
}

// The rows at length 1; a row of zeros stays.
export function unitRows(A, lengths) {
  const U = A.slice();
  const n = A.length / lengths.length;
  for (let i = 0, at = 0; i < lengths.length; i++) {
    const length = lengths[i] || 1;
    for (const end = at + n; at < end; at++) U[at] /= length;
  }
  return U;
}
