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

// The plots one below the other, each under its legend, in the colours that the page has now.
export function picture(nodes, keys, { text, font }) {
  const gap = 26;
  const parts = [];
  let [top, width] = [0, 0];
  for (const [name, node] of Object.entries(nodes)) {
    const box = node.getBoundingClientRect();
    let x = 10;
    for (const { label, colour = text } of keys[name] ?? []) {
      const fill = colour === "currentColor" || colour.startsWith("rgba") ? text : colour;
      const words = label.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      parts.push(`<text x="${x}" y="${top + 17}" fill="${fill}">${words}</text>`);
      x += 8 * label.length + 20;
    }
    const canvas = node.querySelector("canvas");
    const inner = canvas
      ? `<image href="${canvas.toDataURL()}" width="${box.width}" height="${box.height}"/>`
      : new XMLSerializer().serializeToString(node.firstElementChild);
    parts.push(`<g transform="translate(0 ${top + gap})">${inner}</g>`);
    top += box.height + gap;
    width = Math.max(width, box.width);
  }
  const style = "text { font-size: 13px; stroke: none } text:not([fill]) { fill: currentColor } " +
    "line { stroke: currentColor; opacity: 0.16 }";
  return (
    `<svg xmlns="${SVG}" width="${width}" height="${top}" color="${text}" font-family="${font.replaceAll('"', "'")}">` +
    `<style>${style}</style>${parts.join("")}</svg>`
  );
}

export function saveFile(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
