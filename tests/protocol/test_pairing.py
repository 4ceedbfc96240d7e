"""A client on another machine is let in by one text, once; its key can be taken back."""

import dataclasses
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zmq
from serving import Serving
from waiting import until

from maquette.server.pairing import TRIES, reachable_host
from maquette_protocol.client import Client
from maquette_protocol.errors import InputError, NoServerError, RefusedError
from maquette_protocol.keys import new_key_pair
from maquette_protocol.link import Link
from maquette_protocol.messages import Error, Jobs, ListJobs, Message, Pair
from maquette_protocol.pairing import (
    Invitation,
    forget_server,
    format_invitation,
    pair,
    parse_invitation,
    remembered_servers,
)
from maquette_protocol.wire import decode, encode

# a port that was given back may belong to another test's server at once
CLOSED = (NoServerError, RefusedError)


def invite(server: Serving, **options: float) -> str:
    """The pairing text of a server that listens to the network too."""

    def open_it() -> str:
        endpoint = server.socket.bind()
        port = int(endpoint.rpartition(":")[2])
        return server.socket.open_pairing(
            "127.0.0.1", 0, paired=server.paired, server_port=port, **options
        )

    return server.in_its_thread(open_it)


def is_pairing(server: Serving) -> bool:
    return server.in_its_thread(lambda: server.socket.is_pairing)


def test_a_paired_client_is_let_in_and_remembers_the_server(
    server: Serving, tmp_path: Path
) -> None:
    folder = tmp_path / "servers"
    address = pair(invite(server), "Anna's laptop", folder)
    client = Client(address, kind="test", version="0.1.0")
    assert client.request(ListJobs()) == Jobs(jobs=())
    client.close()
    (remembered,) = remembered_servers(folder)
    assert remembered.address == address
    assert [key.label for key in server.paired.listed()] == ["Anna's laptop"]
    forget_server(folder, remembered.name)
    assert remembered_servers(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_what_is_remembered_is_the_users_alone(server: Serving, tmp_path: Path) -> None:
    folder = tmp_path / "servers"
    pair(invite(server), "me", folder)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "paired.json").stat().st_mode) == 0o600
    path.chmod(0o644)
    assert remembered_servers(folder) == []


def test_a_code_works_once(server: Serving, tmp_path: Path) -> None:
    text = invite(server)
    pair(text, "first", tmp_path / "first")
    until(lambda: not is_pairing(server))
    with pytest.raises(CLOSED, match=r"Nothing answers|is not the server"):
        pair(text, "second", tmp_path / "second")
    assert not (tmp_path / "second").exists()
    assert len(server.paired.listed()) == 1


def test_a_wrong_code_is_refused_and_few_tries_are_given(server: Serving, tmp_path: Path) -> None:
    text = invite(server)
    wrong = f"{text[:-4]}{'2222' if text[-4:] != '2222' else '3333'}"
    for _ in range(TRIES):
        with pytest.raises(RefusedError, match="code is wrong"):
            pair(wrong, "guesser", tmp_path / "guesser")
    until(lambda: not is_pairing(server))
    with pytest.raises(CLOSED):
        pair(text, "the right one, too late", tmp_path / "late")
    assert server.paired.listed() == []


def test_a_code_expires(server: Serving, tmp_path: Path) -> None:
    text = invite(server, valid_s=0.2)
    until(lambda: not is_pairing(server))
    with pytest.raises(CLOSED):
        pair(text, "late", tmp_path / "late")


def test_a_new_code_ends_the_one_before(server: Serving, tmp_path: Path) -> None:
    first, second = invite(server), invite(server)
    with pytest.raises((NoServerError, RefusedError)):
        pair(first, "old text", tmp_path / "old")
    assert pair(second, "new text", tmp_path / "new")


def test_another_server_in_between_is_found_out(server: Serving, tmp_path: Path) -> None:
    invitation = parse_invitation(invite(server))
    other = dataclasses.replace(invitation, server_key=new_key_pair().public)
    with pytest.raises(RefusedError, match="not the server of this pairing text"):
        pair(format_invitation(other), "me", tmp_path / "servers")


def ask(server: Serving, text: str, message: Message) -> Message:
    """What the pairing socket answers to this message."""
    invitation, keys = parse_invitation(text), new_key_pair()
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    endpoint = f"tcp://{invitation.host}:{invitation.port}"
    address = dataclasses.replace(
        server.address,
        endpoint=endpoint,
        public_key=keys.public,
        secret_key=keys.secret,
    )
    link = Link(context, address)
    until(lambda: link.watch() == "open")
    link.send(encode(message))
    answer = decode(until(link.receive)).message
    link.close()
    context.term()
    return answer


def test_nothing_but_pairing_is_possible_there(server: Serving) -> None:
    answer = ask(server, invite(server), ListJobs())
    assert isinstance(answer, Error)
    assert "Only pairing" in answer.message
    assert not server.heard(ListJobs)


def test_only_the_key_that_asks_can_be_let_in(server: Serving) -> None:
    text = invite(server)
    right = parse_invitation(text).code
    stolen = Pair(code=right, public_key=new_key_pair().public, label="somebody else's key")
    answer = ask(server, text, stolen)
    assert isinstance(answer, Error)
    assert server.paired.listed() == []


def test_a_removed_key_is_out_at_once_and_stays_out(server: Serving, tmp_path: Path) -> None:
    address = pair(invite(server), "a lost laptop", tmp_path / "servers")
    client = Client(address, kind="test", version="0.1.0")
    client.request(ListJobs())
    assert server.paired.remove("a lost laptop") == 1
    until(lambda: client.state == "refused", client)
    with pytest.raises(RefusedError, match="key"):
        client.request(ListJobs())
    client.close()


@pytest.mark.parametrize("damage", ["cut", "open to others"])
def test_while_the_file_of_keys_cannot_be_trusted_no_paired_key_is(
    server: Serving, tmp_path: Path, damage: str
) -> None:
    address = pair(invite(server), "a laptop", tmp_path / "servers")
    file = tmp_path / "paired.json"
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[:-3])
    else:
        file.write_bytes(content + b" ")
        file.chmod(0o666)
    paired = Client(address, kind="test", version="0.1.0")
    until(lambda: paired.state == "refused", paired)
    local = server.client()
    assert local.request(ListJobs()) == Jobs(jobs=())
    file.write_bytes(content)
    file.chmod(0o600)
    until(lambda: paired.state == "ready", paired)
    paired.close()
    local.close()


def test_the_local_key_opens_nothing_from_another_machine(server: Serving) -> None:
    assert server.socket._may_enter(server.local.public, "127.0.0.1")
    assert not server.socket._may_enter(server.local.public, "192.168.1.7")


@pytest.mark.parametrize("host", ["192.168.1.5", "studio.local", "fe80::1"])
def test_the_text_comes_back_as_it_was_also_broken_over_lines(host: str) -> None:
    invitation = Invitation(
        host=host, port=7403, server_key=new_key_pair().public, code="K7QX-92MD-4TFA"
    )
    text = format_invitation(invitation)
    assert parse_invitation(text) == invitation
    assert parse_invitation(f"  {text[:40]}\n{text[40:]} ") == invitation


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: text[1:],
        lambda text: text.replace("maquette", "https"),
        lambda text: text.replace(":7403", ""),
        lambda text: text.replace(":7403", ":99999"),
        lambda text: text.replace("/K7QX", "/../K7QX"),
    ],
    ids=range(7),
)
def test_a_text_that_was_not_copied_whole_is_refused(change: Callable[[str], str]) -> None:
    invitation = Invitation(
        host="192.168.1.5", port=7403, server_key=new_key_pair().public, code="K7QX-92MD-4TFA"
    )
    with pytest.raises(InputError, match="no pairing text"):
        parse_invitation(change(format_invitation(invitation)))


def test_a_server_on_all_addresses_shows_one_that_can_be_reached() -> None:
    assert reachable_host("192.168.1.5") == "192.168.1.5"
    assert reachable_host("0.0.0.0") not in ("0.0.0.0", "")
