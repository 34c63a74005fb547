"""The colours of the stylesheet, measured."""

from assistants_app.services.tokens import colours, contrast, pairs


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast("#ffffff", "#000000") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_every_pair_of_colours_that_pages_use_has_enough_of_it() -> None:
    assert len(colours()) > 40
    assert [each for each in pairs() if not each.is_enough] == []
