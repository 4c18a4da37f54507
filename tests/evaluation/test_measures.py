"""Measures with answers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.metrics import (
    auroc,
    calibration,
    macro_f1,
    percentile,
    precision_and_recall,
    roc,
    share,
    true_rate_at,
)

SCORES = st.lists(st.integers(0, 5).map(lambda n: n / 5), min_size=1, max_size=12)


def test_a_share_of_nothing_is_none():
    assert (share(0, 0), share(1, 3), share(0, 4)) == (None, 0.3333, 0.0)


def test_macro_f1_weighs_a_rare_intent_like_a_common_one():
    labels = [("a", "a")] * 8 + [("a", "b")] * 2 + [("b", "b")] * 1 + [("b", "a")] * 1
    f1_a = 2 * 8 / (10 + 9)
    f1_b = 2 * 1 / (2 + 3)
    assert macro_f1(labels) == pytest.approx((f1_a + f1_b) / 2, abs=1e-4)


def test_macro_f1_has_no_row_for_what_is_only_read():
    assert macro_f1([("a", "a"), ("a", "(refused)")]) == pytest.approx(2 * 1 / (2 + 1), abs=1e-4)
    assert macro_f1([]) is None


def test_an_entity_of_a_message_counts_once_however_often_it_is_named():
    twice = [("product", "exchange_server"), ("product", "exchange_server"), ("version", "2016")]
    once = [("product", "exchange_server"), ("version", "2019"), ("offer", "gold")]
    assert precision_and_recall([(twice, once)], ("version", "product")) == {
        "version": {"labelled": 1, "found": 1, "precision": 0.0, "recall": 0.0},
        "product": {"labelled": 1, "found": 1, "precision": 1.0, "recall": 1.0},
        "offer": {"labelled": 0, "found": 1, "precision": 0.0, "recall": None},
    }
    assert list(precision_and_recall([(twice, once)], ("version", "product"))) == ["version", "product", "offer"]


def test_an_entity_of_one_message_does_not_answer_for_another():
    found = precision_and_recall([([("offer", "gold")], []), ([], [("offer", "gold")])])
    assert found["offer"] == {"labelled": 1, "found": 1, "precision": 0.0, "recall": 0.0}


def test_the_calibration_error_weighs_each_bin_by_its_messages():
    readings = [(0.95, True), (0.95, True), (0.95, False), (0.15, False)]
    found = calibration(readings)
    assert found["error"] == pytest.approx(3 / 4 * abs(0.95 - 2 / 3) + 1 / 4 * 0.15, abs=1e-4)
    assert [row["messages"] for row in found["bins"]] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert found["bins"][9] == {"from": 0.9, "to": 1.0, "messages": 3, "confidence": 0.95, "accuracy": 0.6667}
    assert found["bins"][0]["accuracy"] is None


def test_over_and_under_confidence_within_a_bin_cancel_but_not_across_bins():
    assert calibration([(0.5, True), (0.5, False)])["error"] == 0
    assert calibration([(0.35, True), (0.65, False)])["error"] == 0.65


def test_a_confidence_on_the_edge_of_a_bin_belongs_to_the_one_above_and_certainty_to_the_last():
    bins = calibration([(0.5, True), (1.0, True), (0.0, False)])["bins"]
    assert [index for index, row in enumerate(bins) if row["messages"]] == [0, 5, 9]
    assert calibration([])["error"] is None


def test_auroc_is_how_often_a_positive_scores_higher():
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.9, 0.3], [0.5, 0.1]) == 0.75


def test_auroc_counts_a_tie_half():
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.5, 0.9], [0.5, 0.1]) == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_auroc_of_one_class_is_none():
    assert (auroc([], [0.5]), auroc([0.5], []), roc([], [0.5]), true_rate_at([], 0.05)) == (None, None, [], None)


@given(SCORES, SCORES)
def test_auroc_is_the_area_under_the_roc_curve(positive, negative):
    curve = roc(positive, negative)
    area = sum((x - before_x) * (y + before_y) / 2 for (before_x, before_y), (x, y) in zip(curve, curve[1:]))
    assert (curve[0], curve[-1]) == ((0, 0), (1, 1))
    assert auroc(positive, negative) == pytest.approx(area, abs=1e-4)


def test_the_rate_at_5_percent_takes_the_best_threshold_that_refuses_no_more():
    genuine = [0.01] * 18 + [0.6, 0.8]  # one of twenty is 5 %
    foreign = [0.9, 0.7, 0.5, 0.005]
    assert true_rate_at(roc(foreign, genuine), 0.05) == 0.5  # at 0.7: one genuine, two foreign
    assert true_rate_at(roc(foreign, genuine), 0.049) == 0.25
    assert true_rate_at(roc(foreign, genuine), 0.10) == 0.75


def test_a_percentile_is_a_value_that_was_measured():
    times = [float(number) for number in range(1, 21)]
    assert (percentile(times, 50), percentile(times, 95), percentile([3.0], 95)) == (10, 19, 3)
    assert percentile([], 50) is None
