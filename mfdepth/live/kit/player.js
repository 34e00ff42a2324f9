// A run that is played: nothing moves before the reader presses Play; what was computed is kept, and a slider goes back
// and forth in it; Play at the end begins again, with what is kept.

/** @import { Handle, Player, Run } from "./protocol.d.ts" */
import { element } from "./controls.js";
import { animate } from "./listen.js";
import { plainNumber } from "./values.js";

const ROUNDING = 1e-9; // of the whole time: two times that differ by less are one

/**
 * @param {Run} run
 * @returns {Player}
 */
export function createPlayer(run) {
  let at = null; // the time shown; null: the last that is known
  let ended = false; // it played until the end
  let owed = 0; // time that has passed and was too short to show
  const time = () => Math.min(at ?? Infinity, run.known());
  const end = () => (run.over() ? run.known() : run.last());
  const reached = (t) => time() >= t - ROUNDING * run.last();
  const stop = () => {
    player.playing = false;
    ended = false;
    run.rest();
  };
  const player = {
    run,
    playing: false,
    time,
    play() {
      at = reached(end()) ? 0 : time();
      player.playing = true;
    },
    pause() {
      player.seek(time());
    },
    seek(t) {
      stop();
      at = run.moment(Math.min(t, run.known()));
    },
    step() {
      stop();
      if (reached(run.known())) {
        at = null;
        run.step();
      } else {
        at = run.next(time());
      }
    },
    // The run begins anew. One that played goes on playing, one that had ended plays again.
    restart(goesOn = player.playing || ended) {
      at = goesOn ? 0 : null;
      ended = false;
      player.playing = goesOn;
    },
    pass(seconds) {
      if (!player.playing || !(seconds > 0)) return false;
      const wished = Math.min(end(), time() + owed + seconds * run.speed());
      if (wished > run.known()) run.more(wished);
      at = Math.min(wished, run.known());
      owed = Math.min(wished - at, run.last() / 1000);
      if (at >= end()) {
        stop();
        ended = true;
      }
      return true;
    },
  };
  return player;
}

/**
 * The button, the slider and the passing of time; returns what shows them as they are, and what ends it all.
 * @param {Player} player
 * @param {Handle} handle
 * @param {HTMLElement} bar  of the buttons
 * @param {string} id  of the figure
 */
export function stagePlayer(player, { root, redraw }, bar, id) {
  const { run } = player;
  const button = element("button", { type: "button", "data-action": "play" }, "Play");
  button.addEventListener("click", () => {
    if (player.playing) player.pause();
    else player.play();
    redraw();
  });
  bar.prepend(button);
  const input = element("input", { type: "range", min: 0, step: 1, id: `${id}-time`, "data-time": "" });
  input.addEventListener("input", () => {
    player.seek((run.last() * input.valueAsNumber) / input.max);
    redraw();
  });
  const shown = element("span", { class: "mf-value", "aria-hidden": "true" });
  bar.append(
    element("div", { class: "mf-control mf-time" }, element("label", { for: input.id }, "time"), shown, input),
  );
  const refresh = () => {
    button.textContent = player.playing ? "Pause" : "Play";
    input.max = run.stops();
    input.value = Math.round((input.max * player.time()) / run.last());
    input.style.setProperty("--mf-known", `${(100 * run.known()) / run.last()}%`);
    shown.textContent = `t = ${plainNumber(player.time().toPrecision(4))}`;
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  const end = animate(root, (seconds) => {
    if (player.pass(seconds)) redraw();
  });
  return { refresh, end };
}
