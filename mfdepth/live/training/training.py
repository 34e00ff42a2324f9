"""The live figure in which the reader trains a finite network: in the page, or in Python at sizes beyond it."""

import threading
import time
import weakref

import numpy as np
import traitlets
from tqdm import tqdm

from mfdepth import checks
from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module
from mfdepth.live.training.course import Course

BACKENDS = ("browser", "python")
FASTEST = 1000.0  # a speed from here on means: without waiting
PAINT = 0.05  # seconds between two frames that Python sends
DIMENSIONS = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200)


class Size(Number):
    """A whole number up to `most` where the page trains, up to `in_python` where Python does."""

    def __init__(self, default, low, most, *, in_python, **control):
        super().__init__(default, low, most, whole=True, **control)
        self.in_python = self.accepted | {"high": in_python}

    def validate(self, obj, value):
        return checks.number(self.name, value, **self.in_python) if obj.backend == "python" else self.check(value)


class Training(Explorable):
    """The three-layer learner, trained before the reader's eyes beside its infinite-width limit and first-order theory.

    d, m1, m2: the dimension and the widths of the two layers; in the page up to 200, 2048, 512, in Python up to 10000,
    16384, 4096. alpha, w2, b2, spread: the start, w1 Gaussian with C_d E|w1|^2 = alpha, and each second-layer neuron at
    (w2, b2) plus Gaussian noise of this spread (none when there is one neuron); the figure itself explains a start from
    which nothing flows. eta_1, eta_2: the rates. t_end: the last time. seed: a whole number below 2^32. speed: time
    units a second, unlimited from 1000 on. backend: "browser", or "python" to train in this kernel and stream to the
    figure. device: where Python trains, "numpy" or a torch device such as "cpu"; by default CUDA where torch finds one,
    else NumPy.

    Each setting is a trait. So are `running` (set it to start or pause), `progress` (from 0 to 1) and `frame` (what the
    figure draws, with the `history` of the run and its `ideal`); `observe` them. Changing a setting starts anew. In the
    backend "browser" nothing runs until the figure is shown. Raises ValueError out of range.

    >>> figure = Training(d=5, m1=20, m2=1, t_end=10)
    >>> run = figure.run()
    >>> run.status, [float(t) for t in run.t[:3]]
    ('reached t = 10', [0.0, 1.0, 2.0])

    See: the chapter "A finite network, simulated".
    """

    _esm = module("training/training.js")
    _running = staticmethod(lambda: None)  # to the figure that trains in Python

    backend = traitlets.Unicode().tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    progress = traitlets.Float(0.0).tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)

    d = Size(100, 2, 200, in_python=10_000, label="dimension d", stops=DIMENSIONS)
    m1 = Size(512, 1, 2048, in_python=16_384, label="first layer m₁", stops=[2**k for k in range(2, 11)])
    m2 = Size(128, 1, 512, in_python=4096, label="second layer m₂", stops=[2**k for k in range(9)], more=True)
    alpha = Number(1.0, above=0, label="α at the start", log=(0.05, 3, 40), more=True)
    w2 = Number(-0.1, label="w₂ at the start", linear=(-2, 0.5, 0.02), more=True)
    b2 = Number(0.5, label="b₂ at the start", linear=(-0.5, 2, 0.02), more=True)
    spread = Number(0.02, 0, 1, label="spread of both", linear=(0, 0.1, 0.005), more=True)
    eta_1 = Number(1.0, above=0, label="η₁, first layer", log=(0.1, 10, 20), more=True)
    eta_2 = Number(1.0, above=0, label="η₂, second layer", log=(0.1, 10, 20), more=True)
    t_end = Number(200.0, above=0, label="last time T", log=(10, 1000, 20), more=True)
    seed = Number(0, 0, 2**32 - 1, whole=True, label="seed", linear=(0, 50, 1), more=True)
    speed = Number(FASTEST, above=0, label="speed", stops=(5, 10, 20, 50, 100, 200, 500, 1000), more=True)

    def __init__(self, *values, backend="browser", device=None, **settings):
        checks.one_of("backend", backend, BACKENDS)
        self._place = placed_on("numpy" if device is None and backend == "browser" else device)
        self._course, self._thread = None, None
        self._wake, self._lock, self._steps = threading.Event(), threading.RLock(), 0
        super().__init__(*values, backend=backend, **settings)
        if backend == "python":
            self._restart()
            self.observe(self._restart, names=[*self._started()])
        self.observe(self._run_or_pause, names="running")
        self.on_msg(self._asked)

    @traitlets.validate("backend")
    def _one_backend(self, proposal):
        if self.backend and proposal["value"] != self.backend:
            raise traitlets.TraitError("backend is chosen when the figure is made")
        return proposal["value"]

    def _started(self):
        """What a run starts from: all settings but its speed."""
        return {name: getattr(self, name) for name in self.settings if name != "speed"}

    def start(self):
        """The weights at time 0, NumPy arrays w1 (m1, d), w2 and b2 (m2,): those of the page, to rounding."""
        return Course(self._started()).state

    def run(self, *, progress=False):
        """Train to the end and return the `Trajectory` that the page draws, with its first layers.

        The page's numbers to 1e-6: start, directions and steps are the same. progress: show a bar. Raises ValueError
        for a start from which nothing flows.
        """
        course = Course(self._started(), self._place)
        if course.problem:
            raise ValueError(course.problem)
        with tqdm(total=len(course.ends), disable=not progress, desc="training") as bar:
            while not course.over:
                course.advance()
                bar.update()
        return course.trajectory()

    # --- backend="python": a thread trains, the traits tell ---

    def step(self):
        """Train through one interval of time: the button's deed."""
        if self.backend == "browser":
            self.send({"do": "step"})
            return
        with self._lock:
            self._steps += 1
        self._begin()

    def restart(self):
        """Back to time 0 with the same settings; a run goes on from there."""
        if self.backend == "browser":
            self.send({"do": "restart"})
        else:
            self._restart()

    def wait(self, timeout=None):
        """Wait until the training thread rests, at most `timeout` seconds; True if it does."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def close(self):
        """End the training, and the widget."""
        if self.__dict__.get("_thread") is not None:  # it may be one that was refused before it was made
            self.running = False
            self._wake.set()
            self.wait(10)
        super().close()

    def _asked(self, _, message, buffers):
        if message.get("request") in ("step", "restart"):
            getattr(self, message["request"])()

    def _restart(self, _=None):
        course = Course(self._started(), self._place)
        with self._lock:
            self._course, self._steps = course, 0
        self._tell(course)
        if not course.problem:
            self._begin()  # the thread finds the infinite-width course

    def _run_or_pause(self, change):
        if self.backend == "python" and change["new"]:
            self._pause_another()
            if self._course.over:  # a run that has ended starts over
                self._restart()
            self._begin()
        self._wake.set()

    def _pause_another(self):
        """One figure trains in Python at a time: a cell that is run again does not leave its first one at work."""
        other = Training._running()
        if other is not None and other is not self:
            other.running = False
        Training._running = weakref.ref(self)

    def _begin(self):
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._train, daemon=True)
                self._thread.start()

    def _train(self):
        painted, untold = 0.0, False
        while True:
            with self._lock:
                course = self._course
                over = bool(course.problem) or (course.over and course.ideal is not None)
                if over or not (self.running or self._steps or course.ideal is None):
                    if untold:
                        self._tell(course)  # what paused between two frames
                    self._thread = None
                    break
                self._steps = max(0, self._steps - 1) if course.ideal is not None else self._steps
            began, interval = time.monotonic(), course.interval
            try:
                course.follow() if course.ideal is None else course.advance()
            except Exception as error:  # noqa: BLE001 - no memory left on the device, say: the figure tells
                course.problem = f"The training stopped: {error}."
            untold = not course.over and self.running and time.monotonic() <= painted + PAINT
            if not untold:
                painted = time.monotonic()
                self._tell(course)
            if self.running and self.speed < FASTEST:
                self._wake.clear()
                self._wake.wait(max(0.0, interval / self.speed - (time.monotonic() - began)))
        if course.over and self.running:
            self.running = False

    def _tell(self, course):
        if course is self._course:  # not one that a new setting has replaced
            frame = course.frame()
            self.frame, self.progress = frame, frame["fraction"]


def placed_on(device):
    """A function that turns NumPy arrays into arrays on the device."""
    if device is None:
        try:
            import torch
        except ModuleNotFoundError:
            return np.asarray
        device = "cuda" if torch.cuda.is_available() else "numpy"
    if device == "numpy":
        return np.asarray
    torch = checks.needs("torch")
    return lambda x: torch.as_tensor(np.ascontiguousarray(x), device=device)
