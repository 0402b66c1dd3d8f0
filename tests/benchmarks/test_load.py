"""What the load generator says is read to the letter, and bad loads are no figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load import BadLoad, parse

WRK = """\
Running 2s test @ http://127.0.0.1:8000
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.21ms    1.01ms  18.03ms   88.06%
    Req/Sec     3.42k   210.53     3.70k    80.00%
  Latency Distribution
     50%    2.24ms
     75%    2.71ms
     90%    3.29ms
     99%    6.22ms
  6814 requests in 2.00s, 1.53MB read
Requests/sec:   3406.71
Transfer/sec:    784.21KB
{figures}"""
COUNT = st.integers(1, 10**9)
TIME = st.integers(0, 10**9)


def line(requests: int, refused: int, broken: int, *, p50: int = 2240, p99: int = 6220) -> str:
    return (
        f"figures requests={requests} duration=2000118 p50={p50} p99={p99} most=18030"
        f" bytes=1606012 refused={refused} broken={broken}\n"
    )


@given(requests=COUNT, p50=TIME, p99=TIME)
def test_figures_are_read_out_of_the_output(requests: int, p50: int, p99: int) -> None:
    measured = parse(WRK.format(figures=line(requests, 0, 0, p50=p50, p99=p99)))
    assert measured.requests == requests
    assert measured.rate == pytest.approx(requests / 2.000118)
    assert (measured.p50, measured.p99) == (pytest.approx(p50 / 1e3), pytest.approx(p99 / 1e3))


@pytest.mark.parametrize(
    "figures",
    ["", line(0, 0, 0), line(10, 1, 0), line(10, 0, 1), "figures requests=1 duration=2\n"],
    ids=["no figures", "no answer", "a refusal", "a broken connection", "half a line"],
)
def test_a_load_that_failed_gives_no_figures(figures: str) -> None:
    with pytest.raises(BadLoad):
        parse(WRK.format(figures=figures))
