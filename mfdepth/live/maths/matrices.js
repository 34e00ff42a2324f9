// Matrices as Float64Array, row by row. What runs at each step of a flow is written as loops with sums side by side:
// none waits for another, and a callback an entry would cost more than the products.

// The rows of A (m x n) by fours, whose entries lie side by side; rows of zeros fill up the last four.
function byFours(A, m, n) {
  const P = new Float64Array(4 * Math.ceil(m / 4) * n);
  for (let i = 0, from = 0; i < m; i++) {
    for (let to = n * (i - (i % 4)) + (i % 4), k = 0; k < n; k++, to += 4, from++) P[to] = A[from];
  }
  return P;
}

// The products of four rows of A, from a on, with four of B, from b on: into C at c, c + width, ... `| 0` says that a
// place is a whole number.
function sixteenProducts(A, a, B, b, n, C, c, width) {
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0;
  let s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0;
  let s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (let k = 0; k < 4 * n; k = (k + 4) | 0) {
    const x = (a + k) | 0, y = (b + k) | 0;
    const y0 = B[y], y1 = B[(y + 1) | 0], y2 = B[(y + 2) | 0], y3 = B[(y + 3) | 0];
    const x0 = A[x];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    const x1 = A[(x + 1) | 0];
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    const x2 = A[(x + 2) | 0];
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    const x3 = A[(x + 3) | 0];
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  C[c] = s00;
  C[c + 1] = s01;
  C[c + 2] = s02;
  C[c + 3] = s03;
  c += width;
  C[c] = s10;
  C[c + 1] = s11;
  C[c + 2] = s12;
  C[c + 3] = s13;
  c += width;
  C[c] = s20;
  C[c + 1] = s21;
  C[c + 2] = s22;
  C[c + 3] = s23;
  c += width;
  C[c] = s30;
  C[c + 1] = s31;
  C[c + 2] = s32;
  C[c + 3] = s33;
}

// A B^T for A (m x n) and B (p x n).
export function product(A, B, n) {
  const [m, p] = [A.length / n, B.length / n];
  const [rows, columns] = [byFours(A, m, n), byFours(B, p, n)];
  const width = columns.length / n;
  const four = new Float64Array(4 * width); // rows of the product
  const C = new Float64Array(m * p);
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < p; j += 4) sixteenProducts(rows, i * n, columns, j * n, n, four, j, width);
    for (let r = 0; r < Math.min(4, m - i); r++) C.set(four.subarray(r * width, r * width + p), (i + r) * p);
  }
  return C;
}

// A A^T for A (m x n) from its diagonal on: visit(i, the products of row i with rows i, i + 1, ...).
export function eachProduct(A, m, n, visit) {
  const rows = byFours(A, m, n);
  const width = rows.length / n;
  const four = new Float64Array(4 * width);
  for (let i = 0; i < m; i += 4) {
    for (let j = i; j < m; j += 4) sixteenProducts(rows, i * n, rows, j * n, n, four, j, width);
    for (let r = 0; r < Math.min(4, m - i); r++) visit(i + r, four.subarray(r * width + i + r, r * width + m));
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
