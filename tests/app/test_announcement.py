"""The first address is the one to give away."""

from __future__ import annotations

from app.announcement import announcement
from app.settings import Settings

LISTENING = ["http://127.0.0.1:8000", "http://10.1.2.3:8000"]


def test_all_addresses_are_told_and_the_presenter_s_is_of_this_machine() -> None:
    first, second = announcement(LISTENING, Settings(), "K").splitlines()
    assert first == "The deck is at http://127.0.0.1:8000 and http://10.1.2.3:8000"
    assert second == "Presenting: http://127.0.0.1:8000/presenter?key=K"


def test_a_proxy_s_origin_goes_first_and_every_address_has_the_path() -> None:
    settings = Settings(root_path="/deck", public_origin="https://deck.example.org")
    first, second = announcement(LISTENING[:1], settings, "K").splitlines()
    assert first == ("The deck is at https://deck.example.org/deck and http://127.0.0.1:8000/deck")
    assert second == "Presenting: https://deck.example.org/deck/presenter?key=K"
