"""Drives the Qt example in a real window with a keyboard and a mouse (xdotool): locked, refused, active, grace, locked again.

LIBRARY TOOL CONFIG STATE_DIR PICTURES
"""

import os
import subprocess
import sys
import threading
import time

from PyQt6.QtCore import QThreadPool, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

import desktop_qt
from leasehold import Agent, Native, State

library, tool, config, state_dir, pictures = sys.argv[1:]
BANNER = (0xFF, 0xE9, 0xA8)


class WithoutDescriptor(Native):
    """The library as it is on Windows."""

    def event_fd(self, agent):
        return None


def emulator(*words):
    subprocess.run([tool, "--config", config, "emulator", *words], check=True, stdout=subprocess.DEVNULL)


def until(what, holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"after {seconds} s: {what}"
        QTest.qWait(20)


def hands(*words):
    """Does what a user does; the window has to be served meanwhile."""
    done = subprocess.Popen(["xdotool", *map(str, words)])
    until("xdotool ends", lambda: done.poll() is not None)
    assert done.returncode == 0, words


def click(part):
    at = part.mapToGlobal(part.rect().center())
    hands("mousemove", at.x(), at.y(), "click", 1)


def write(key):
    click(window.key)
    until("the line has the keyboard", window.key.hasFocus)
    hands("key", "ctrl+a", "type", "--delay", 5, key)
    until(f"{key} was typed", lambda: window.key.text() == key)


def picture(name):
    """What the screen shows, and whether the banner's colour is in it."""
    QTest.qWait(100)
    screen = window.screen().grabWindow(0, window.x(), window.y(), window.width(), window.height()).toImage()
    assert screen.save(f"{pictures}/{name}.png")
    taken.append(screen)
    assert len({x.constBits().asstring(x.sizeInBytes()) for x in taken}) == len(taken), f"{name} looks like another state"
    at = window.banner.mapTo(window, window.banner.rect().topLeft())
    return window.banner.isVisible() and screen.pixelColor(at.x() + 3, at.y() + 3).getRgb()[:3] == BANNER


def alone():
    """Python made no thread, and neither does Qt lend one."""
    assert threading.active_count() == 1, threading.enumerate()
    assert QThreadPool.globalInstance().activeThreadCount() == 0


def story():
    until("the locked screen", lambda: window.pages.currentIndex() == 1 and window.key.isVisible())
    assert not picture("1-not-activated")

    write("00000000-7b1f-4a52-8f6e-2d3c4b5a6978")
    click(window.activate)
    until("the refusal is told", lambda: window.failure.text() != "" and window.activate.isEnabled())
    assert window.pages.currentIndex() == 1 and window.agent.state is State.LOCKED
    picture("2-refused")

    # While the server takes its time, the window does not stand still.
    emulator("fault", "activation", "delay", "--delay", "1s", "--times", "1")
    ticks = []
    clock = QTimer(interval=20, timeout=lambda: ticks.append(time.monotonic()))
    write("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978")
    clock.start()
    hands("key", "Return")
    until("the call is under way", lambda: not window.activate.isEnabled())
    alone()
    picture("3-waiting")
    until("the drawing", lambda: window.pages.currentIndex() == 0)
    clock.stop()
    assert max(b - a for a, b in zip(ticks, ticks[1:])) < 0.5, "the window stood still"
    assert window.agent.state is State.ACTIVE and window.export.isEnabled() and not window.banner.isVisible()
    assert not picture("4-active")

    emulator("licence", "expire", "Named")
    hands("key", "F5")
    until("the banner", window.banner.isVisible)
    assert window.agent.state is State.GRACE and window.export.isEnabled() and window.pages.currentIndex() == 0
    assert picture("5-grace")

    emulator("licence", "disable", "Named")
    hands("key", "F5")
    until("the locked screen", lambda: window.pages.currentIndex() == 1)
    assert window.agent.state is State.LOCKED and not window.agent.allows("pdf-export")
    assert not picture("6-locked")
    alone()


app = QApplication(sys.argv[:1])
for transport in Native(library), WithoutDescriptor(library):
    emulator("reset")
    folder = os.path.join(state_dir, type(transport).__name__)
    taken = []
    window = desktop_qt.Window(Agent.open(config_file=config, state_dir=folder, store="file", languages=["en"], transport=transport))
    window.show()
    assert QTest.qWaitForWindowExposed(window)
    window.activateWindow()
    story()
    assert window.close()
    print(f"{type(transport).__name__}: {len(taken)} screens, one thread of Python", flush=True)
