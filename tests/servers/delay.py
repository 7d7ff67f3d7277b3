"""A relay that hands every datagram on, and its answer back some time later.

A process of its own, so that it takes no time from the one that is measured::

    python tests/servers/delay.py PORT MILLISECONDS

prints the port that it listens on, and relays to PORT of 127.0.0.1 until it is killed.
"""

from __future__ import annotations

import heapq
import select
import socket
import sys
import time


def relay(port: int, delay: float) -> None:
    """Relay until killed.  ``delay`` is in seconds, added once to each exchange."""
    front = socket.socket(type=socket.SOCK_DGRAM)
    back = socket.socket(type=socket.SOCK_DGRAM)
    for one in (front, back):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.setblocking(False)
    front.bind(("127.0.0.1", 0))
    back.connect(("127.0.0.1", port))
    print(front.getsockname()[1], flush=True)
    senders: dict[int, tuple[bytes, tuple[str, int]]] = {}
    waiting: list[tuple[float, int, bytes]] = []
    number = 0
    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([front, back], [], [], pause)
        if front in ready:
            wire, sender = front.recvfrom(4096)
            number = (number + 1) & 0xFFFF  # ids of two askers may be the same
            senders[number] = (wire[:2], sender)
            back.send(number.to_bytes(2, "big") + wire[2:])
        if back in ready:
            wire = back.recv(65535)
            heapq.heappush(waiting, (time.monotonic() + delay, number, wire))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, wire = heapq.heappop(waiting)
            id, sender = senders.pop(int.from_bytes(wire[:2], "big"))
            front.sendto(id + wire[2:], sender)


if __name__ == "__main__":
    relay(int(sys.argv[1]), float(sys.argv[2]) / 1000)
