import website


def test_the_contents_page_lists_what_exists_once() -> None:
    assert len(website.__all__) == len(set(website.__all__))
    assert all(hasattr(website, name) for name in website.__all__)
