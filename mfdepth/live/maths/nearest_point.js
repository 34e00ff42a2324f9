// The point of a convex hull nearest to the origin (Wolfe 1976), and the sums over vectors that it takes.

// Four sums side by side: none waits for another.
export function dot(x, y) {
  const n = x.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  for (; i < n; i++) s0 += x[i] * y[i];
  return s0 + s1 + (s2 + s3);
}

export function subtract(x, factor, y) {
  for (let i = 0; i < x.length; i++) x[i] -= factor * y[i];
}

// a x + b y; `map` with a callback would take many times as long.
export function combined(a, x, b, y) {
  const sum = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) sum[i] = a * x[i] + b * y[i];
  return sum;
}

// Wolfe: the point nearest to the target in the hull of the atoms. Those with a share are in use; the one that the
// residual favours most is added, the best point of their affine hull is found, and where a share would fall below zero
// the way there stops and that atom leaves. Returns the atoms in use.
export function nearestPoint(atoms) {
  improve(atoms.filter(({ share }) => share > 0));
  const barred = new Set();
  for (let i = 0; i < 8 * atoms.length; i++) {
    const residual = mixture(atoms);
    const now = dot(residual, residual);
    let [add, most] = [null, 1e-10 * now];
    for (const atom of atoms) {
      const gain = now + dot(atom.from, residual);
      if (atom.share === 0 && !barred.has(atom) && gain > most) [add, most] = [atom, gain];
    }
    if (!add) break;
    improve([...atoms.filter(({ share }) => share > 0), add]);
    if (add.share === 0) barred.add(add); // rounding: there was nothing to gain
  }
  return atoms.filter(({ share }) => share > 0);
}

// target - f, in coordinates.
export function mixture(atoms) {
  const residual = new Float64Array(atoms[0].from.length);
  for (const { share, from } of atoms) if (share) subtract(residual, share, from);
  return residual;
}

function improve(used) {
  while (used.length > 1) {
    const move = affineStep(used);
    let [step, leaving] = [1, -1];
    used.forEach((atom, j) => {
      if (atom.share + move[j] < 0 && -atom.share / move[j] < step) [step, leaving] = [-atom.share / move[j], j];
    });
    used.forEach((atom, j) => (atom.share = j === leaving ? 0 : Math.max(0, atom.share + step * move[j])));
    const total = used.reduce((sum, { share }) => sum + share, 0);
    for (const atom of used) atom.share /= total;
    if (leaving < 0) return;
    used.splice(leaving, 1);
  }
}

// The change of the shares, of sum zero, to the best point of the affine hull: least squares on the differences to the
// atom of largest share, by modified Gram-Schmidt with the residual carried along, which is as stable as reflections.
function affineStep(used) {
  const base = used.reduce((best, atom, j) => (atom.share > used[best].share ? j : best), 0);
  const others = used.map((_, j) => j).filter((j) => j !== base);
  const columns = others.map((j) => combined(1, used[j].from, -1, used[base].from));
  const sizes = columns.map((x) => Math.sqrt(dot(x, x)));
  const residual = mixture(used);
  const rows = []; // of the triangular system: norm, the diagonal; right, the right side; factors of later columns
  for (const [j, column] of columns.entries()) {
    const norm = Math.sqrt(dot(column, column));
    if (norm <= 1e-10 * sizes[j]) {
      rows.push(null); // as good as a mixture of the others
      continue;
    }
    for (let i = 0; i < column.length; i++) column[i] /= norm;
    const factors = new Float64Array(columns.length);
    for (let l = j + 1; l < columns.length; l++) {
      factors[l] = dot(column, columns[l]);
      subtract(columns[l], factors[l], column);
    }
    const right = dot(column, residual);
    subtract(residual, right, column);
    rows.push({ norm, right, factors });
  }
  const step = new Float64Array(columns.length);
  for (let j = columns.length - 1; j >= 0; j--) {
    if (rows[j]) step[j] = (rows[j].right - dot(rows[j].factors, step)) / rows[j].norm;
  }
  const move = new Float64Array(used.length);
  others.forEach((j, n) => {
    move[j] = step[n];
    move[base] -= step[n];
  });
  return move;
}
