"""Losses of natural land as shares and as yearly rates, by compound growth worked out year by year."""

from __future__ import annotations

import numpy as np
import pytest

from gbf_workbench.methods.land_use_change import loss_figures, yearly_rate


@pytest.mark.parametrize(("rate", "years"), [(10.0, 2), (3.0, 7), (-2.0, 5), (0.0, 4)])
def test_a_yearly_rate_taken_off_year_after_year_leaves_what_is_left(rate, years):
    left = 100.0
    for _ in range(years):
        left -= left * rate / 100
    assert yearly_rate(100 - left, years) == pytest.approx(rate, abs=1e-9)


def test_the_loss_of_a_single_year_is_its_own_rate_and_a_loss_of_all_is_a_hundred_percent():
    assert yearly_rate(30.0, 1) == pytest.approx(30)
    assert yearly_rate(100.0, 5) == 100


def test_a_loss_is_given_in_ha_in_percent_of_what_was_natural_and_by_year():
    figures = loss_figures(38.0, 200.0, 2)
    assert figures == {"ha": 38.0, "%": 19.0, "% per year": pytest.approx(10)}
    assert loss_figures(-21.0, 100.0, 2)["% per year"] == pytest.approx(-10)


def test_where_nothing_was_natural_there_is_no_share_and_one_hectare_is_enough_for_one():
    nothing = loss_figures(0.0, 0.0, 10)
    assert nothing["ha"] == 0
    assert np.isnan([nothing["%"], nothing["% per year"]]).all()
    assert loss_figures(0.25, 1.0, 1)["%"] == pytest.approx(25)
    assert loss_figures(0.25, 0.5, 1)["%"] == pytest.approx(50)
