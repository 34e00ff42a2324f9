// What a reader can take home from a live figure: the plotted numbers as CSV, the picture as SVG.

import { element } from "./controls.js";
import { SVG } from "./plot.js";

// A table with one row a plotted point: plot, trace, x, y.
export function plottedNumbers(nodes) {
  const rows = ["plot,trace,x,y"];
  for (const [plot, node] of Object.entries(nodes)) {
    (node.data ?? []).forEach(({ meta, name, x = [], y = [] }, i) => {
      const trace = String(meta ?? name ?? i).replaceAll(",", " ");
      for (let k = 0; k < x.length; k++) rows.push(`${plot},${trace},${x[k] ?? ""},${y[k] ?? ""}`);
    });
  }
  return rows.join("\n") + "\n";
}

// The plots one below the other, each under its legend, where they stand in the page and in the colours that it has.
export function picture(nodes, { text, ground, font, dark }) {
  const parts = [];
  let [top, width] = [0, 0];
  for (const node of Object.values(nodes)) {
    const box = node.getBoundingClientRect();
    const keys = node.parentElement.querySelector(".mf-legend");
    const above = keys ? box.top - keys.getBoundingClientRect().top : 0;
    for (const key of keys?.children ?? []) {
      const sample = key.querySelector("svg");
      const { left, right, top: upper, bottom } = sample.getBoundingClientRect();
      const place = [left - box.left, top + above + upper - box.top];
      const words = key.textContent.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      parts.push(`<g transform="translate(${place})">${sample.innerHTML}</g>`);
      parts.push(`<text x="${right + 5 - box.left}" y="${top + above + bottom - box.top}">${words}</text>`);
    }
    const canvas = node.querySelector("canvas");
    const inner = canvas
      ? `<image href="${canvas.toDataURL()}" width="${box.width}" height="${box.height}"/>`
      : new XMLSerializer().serializeToString(node.firstElementChild);
    parts.push(`<g transform="translate(0 ${top + above})">${inner}</g>`);
    top += box.height + above;
    width = Math.max(width, box.width);
  }
  const blue = dark ? '[stroke="#0072B2"] { stroke: #56b4e9 } [fill="#0072B2"] { fill: #56b4e9 }' : ""; // as in kit.css
  const style = "text { font-size: 13px; stroke: none } text:not([fill]) { fill: currentColor } " +
    `line { stroke: currentColor; opacity: 0.16 } .mf-paper { fill: ${ground} } ${blue}`;
  return (
    `<svg xmlns="${SVG}" width="${width}" height="${top}" color="${text}" font-family="${font.replaceAll('"', "'")}">` +
    `<style>${style}</style><rect width="100%" height="100%" fill="${ground}"/>${parts.join("")}</svg>`
  );
}

export function saveFile(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
