"""A desktop application in Qt: a licence key is entered, a banner tells of grace, and a locked screen of the end.

    python desktop_qt.py CONFIG [STATE_DIR]      needs PyQt6 (Debian: python3-pyqt6)

It has one thread. What asks the server is begun and not waited for; its answer is an event like all others, and events come
through the library's descriptor and Qt's own notifier.
"""

import sys

from PyQt6.QtCore import QSocketNotifier, Qt, QTimer
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QMainWindow, QPushButton, QStackedWidget, QTextEdit, QVBoxLayout, QWidget

from leasehold import Agent, EventType, LeaseholdError, State


class Window(QMainWindow):
    def __init__(self, agent):
        super().__init__()
        self.agent = agent
        self.waiting = 0  # the number of the call whose answer is waited for
        self.setWindowTitle("Sketch")
        self.resize(640, 400)
        self.check = QAction("Check now", self, shortcut=QKeySequence("F5"), triggered=lambda: self.begin("heartbeat"))
        self.menuBar().addMenu("License").addAction(self.check)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.drawing())
        self.pages.addWidget(self.licence())
        self.setCentralWidget(self.pages)
        self.listen()
        self.show_state()

    def drawing(self):
        self.banner = QLabel(wordWrap=True)
        self.banner.setStyleSheet("background: #ffe9a8; color: #3d2f00; padding: 8px")
        self.editor = QTextEdit(plainText="A drawing.")
        self.export = QPushButton("Export PDF")
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self.banner)
        column.addWidget(self.editor, 1)
        column.addWidget(self.export, 0, Qt.AlignmentFlag.AlignRight)
        return page

    def licence(self):
        self.title, self.text, self.failure = (QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True) for _ in range(3))
        self.title.setStyleSheet("font-size: 20px; font-weight: bold")
        self.failure.setStyleSheet("color: #a40000")
        self.key = QLineEdit(placeholderText="License key")
        self.activate = QPushButton("Activate")
        self.key.returnPressed.connect(self.activate.click)
        self.activate.clicked.connect(lambda: self.begin("activate", {"key": self.key.text().strip()}))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 24, 48, 24)
        column.setSpacing(12)
        column.addStretch()
        column.addWidget(self.title)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(self.key, 1)
        row.addWidget(self.activate)
        column.addLayout(row)
        column.addWidget(self.failure)
        column.addStretch()
        return page

    def listen(self):
        """Has Qt's main loop say when an event waits."""
        fd = self.agent.event_fd
        if fd is not None:
            self.ear = QSocketNotifier(fd, QSocketNotifier.Type.Read)
            self.ear.activated.connect(self.take)
        else:  # Windows has no such descriptor
            self.ear = QTimer(interval=200, timeout=self.take)
            self.ear.start()

    def take(self):
        """Takes what has happened; the descriptor is readable until all is taken."""
        while event := self.agent.next_event(0):
            if event.type is EventType.CALL_ENDED and event.call == self.waiting:
                self.ended(event.error)
            elif event.type in (EventType.STATE_CHANGED, EventType.LICENSE_CHANGED, EventType.GRACE_WARNING):
                self.show_state()

    def begin(self, method, params=None):
        """Asks the server. The window goes on meanwhile, and ended has the answer."""
        self.failure.clear()
        self.statusBar().clearMessage()
        self.busy(True)
        self.waiting = self.agent.begin(method, params)

    def ended(self, error):
        self.busy(False)
        self.show_state()
        if error is None:
            self.key.clear()
        elif self.pages.currentIndex() == 1:
            self.failure.setText(sentence(error))
        else:
            self.statusBar().showMessage(sentence(error), 10000)

    def busy(self, yes):
        for part in (self.activate, self.key, self.check):
            part.setEnabled(not yes)
        self.activate.setText("One moment …" if yes else "Activate")

    def show_state(self):
        state, message = self.agent.state, self.agent.call("message")
        self.pages.setCurrentIndex(1 if state is State.LOCKED else 0)
        self.title.setText(message["title"])
        self.text.setText("\n".join(filter(None, (message["text"], message["help"]))))
        self.banner.setText(" ".join(filter(None, (message["text"], message["deadline"] and message["deadline"] + ".", message["help"]))))
        self.banner.setVisible(state in (State.GRACE, State.READ_ONLY))
        self.editor.setReadOnly(state is State.READ_ONLY)
        self.export.setEnabled(self.agent.allows("pdf-export"))

    def closeEvent(self, event):
        if isinstance(self.ear, QTimer):
            self.ear.stop()
        else:
            self.ear.setEnabled(False)  # before the descriptor goes
        self.agent.close()
        super().closeEvent(event)


def sentence(error):
    return f"{str(error)[:1].upper()}{str(error)[1:]}."


def main():
    app = QApplication(sys.argv)
    more = {"state_dir": sys.argv[2], "store": "file"} if len(sys.argv) > 2 else {}
    try:
        window = Window(Agent.open(config_file=sys.argv[1], languages=["en"], **more))
    except LeaseholdError as e:
        sys.exit(f"error: {e}\nhint: {e.hint}")
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
