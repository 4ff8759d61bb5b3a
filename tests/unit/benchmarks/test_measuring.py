"""What the benchmarks make of their samples."""

import pytest

from tests.benchmarks.measuring import Summary, paired_ratio, percentile, slope, summary
from tests.benchmarks.options import NAMES, read_options


def test_a_percentile_lies_between_two_samples_by_proportion() -> None:
    assert percentile([30.0, 10.0, 20.0], 0.5) == 20.0
    assert percentile([0.0, 10.0], 0.95) == 9.5
    assert percentile([7.0], 0.95) == 7.0
    assert summary([1.0, 3.0, 2.0, 5.0, 4.0]) == Summary(5, 3.0, 4.8, 5.0)


def test_what_slows_both_sides_down_drops_out_of_the_ratio() -> None:
    assert paired_ratio([2.0, 20.0, 3.0], [1.0, 10.0, 2.0]) == 2.0


def test_one_slow_sample_bends_no_trend() -> None:
    assert slope([1.0, 2.0, 300.0, 4.0, 5.0]) == 1.0


def test_all_benchmarks_run_when_none_is_named() -> None:
    assert read_options(["--quick"]).names == NAMES
    assert read_options(["opening", "--sites", "300"]).sites == 300


@pytest.mark.parametrize("wrong", [["speed"], ["opening", "--sites", "0"], ["search", "--documents", "many"]])
def test_a_wrong_option_is_refused_with_code_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        read_options(wrong)

    assert refused.value.code == 2
    assert wrong[-1] in capsys.readouterr().err
