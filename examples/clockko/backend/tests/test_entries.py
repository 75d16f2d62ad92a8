"""Time entries over HTTP."""


def start(client, **entry):
    return client.post("/entries", json={"person": "ada", "task": "write the paper", **entry})


def test_an_entry_is_started_listed_and_stopped(client):
    started = start(client, note="with tea")
    assert started.status_code == 201
    entry = started.json()
    assert (entry["person"], entry["task"], entry["note"]) == ("ada", "write the paper", "with tea")
    assert entry["ended_at"] is None
    assert client.get("/entries").json() == [entry]

    stopped = client.post(f"/entries/{entry['id']}/stop")
    assert stopped.status_code == 200
    assert stopped.json()["ended_at"] >= entry["started_at"]
    assert client.get("/entries").json() == [stopped.json()]


def test_an_entry_is_stopped_once(client):
    entry = start(client).json()
    first = client.post(f"/entries/{entry['id']}/stop").json()
    assert client.post(f"/entries/{entry['id']}/stop").status_code == 409
    assert client.get("/entries").json() == [first]


def test_an_unknown_entry_cannot_be_stopped(client):
    assert client.post("/entries/999999/stop").status_code == 404


def test_an_entry_needs_a_person_and_a_task(client):
    assert start(client, person="").status_code == 422
    assert start(client, task="x" * 201).status_code == 422
    assert client.get("/entries").json() == []


def test_the_newest_entries_come_first_and_may_be_those_of_one_person(client):
    ids = [start(client, person=person).json()["id"] for person in ("ada", "grace", "ada")]
    assert [entry["id"] for entry in client.get("/entries").json()] == ids[::-1]
    assert [entry["id"] for entry in client.get("/entries?person=ada").json()] == [ids[2], ids[0]]
    assert [entry["id"] for entry in client.get("/entries?limit=1").json()] == [ids[2]]


def test_it_tells_its_version_and_how_many_entries_there_are(client):
    start(client)
    assert client.get("/").json() == {"app": "clockko", "version": "7", "entries": 1}
