// Listening, and what ends with it: each of these returns the function that ends it.

// listeners: { event: callback }, of a model or of an element.
export function listen(target, listeners, options = undefined) {
  const [add, remove] = "addEventListener" in target ? ["addEventListener", "removeEventListener"] : ["on", "off"];
  for (const [event, hear] of Object.entries(listeners)) target[add](event, hear, options);
  return () => {
    for (const [event, hear] of Object.entries(listeners)) target[remove](event, hear, options);
  };
}

export function together(...ends) {
  return () => ends.forEach((end) => end());
}

// A hand on a node takes hold of something and moves it: find(x, y, event) says of which thing (-1: none), take(i, x,
// y) that it is held, move(i, x, y) where it goes; x and y in the page's pixels from the node's corner. While nothing
// is held, over(i) says what the hand is over.
export function drag(node, { find, take, move, over = (_) => {} }) {
  let held = -1;
  let hand = null; // the pointer that holds it: a second finger does nothing
  const place = (event) => {
    const box = node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const release = (event) => {
    if (event.pointerId === hand) held = -1;
  };
  return listen(node, {
    pointerdown(event) {
      if (held >= 0) return;
      const [x, y] = place(event);
      held = find(x, y, event);
      if (held < 0) return;
      event.preventDefault();
      hand = event.pointerId;
      node.setPointerCapture(hand);
      take(held, x, y);
    },
    pointermove(event) {
      const [x, y] = place(event);
      if (held < 0) over(find(x, y, event));
      else if (event.pointerId === hand) move(held, x, y);
    },
    pointerup: release,
    pointercancel: release,
    touchmove: (event) => held >= 0 && event.preventDefault(), // the page does not scroll under a held thing
  }, { passive: false });
}

// Steps as time passes while the node is in view: step(seconds since the last frame), at most 0.05.
export function animate(node, step) {
  let [frame, inView, last] = [0, false, 0];
  const watch = new IntersectionObserver((records) => {
    [inView, last] = [records[records.length - 1].isIntersecting, 0]; // the newest: several may come at once
  });
  watch.observe(node);
  const tick = (now) => {
    frame = requestAnimationFrame(tick);
    if (inView) step(Math.min(0.05, (now - (last || now)) / 1000)); // a slow machine gets a slow film
    last = now;
  };
  frame = requestAnimationFrame(tick);
  return () => {
    cancelAnimationFrame(frame);
    watch.disconnect();
  };
}
