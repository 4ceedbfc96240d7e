"""The imports of this Blender and the results that the server keeps, over however many connections.

Imports are known by their ids alone, so that they outlive reconnects, undo and other files.
"""

from collections.abc import Callable
from pathlib import Path

from maquette_protocol.client import Client, Received
from maquette_protocol.errors import InputError, MaquetteError
from maquette_protocol.messages import (
    AttachJob,
    CancelJob,
    Error,
    ForgetJob,
    JobEnded,
    JobPartial,
    JobProgress,
    JobRecord,
    Jobs,
    ListJobs,
    Message,
    SubmitJob,
)
from maquette_protocol.transfer import Download, Upload

from .job import ImportJob, ImportRequest


class Imports:
    """`go_on` is called often; the session hands in what comes from the server."""

    def __init__(self, folder: Path, on_failure: Callable[[str], None]) -> None:
        """folder: where results from another machine are kept; on_failure: called with the job's id"""
        self.jobs: dict[str, ImportJob] = {}
        self.results: dict[str, JobRecord] = {}  # of the server, done, newest first
        self._folder, self._on_failure = folder, on_failure
        self._client: Client | None = None
        self._shares_disk = False
        self._uploads: dict[str, Upload] = {}
        self._downloads: dict[str, Download] = {}
        self._requests: dict[str, str] = {}  # request id → job

    @property
    def running(self) -> ImportJob | None:
        """The oldest import with which the backend has something to do."""
        return next((job for job in self.jobs.values() if not job.has_ended), None)

    # What the user asks for ----------------------------------------------------------------------

    def submit(self, request: ImportRequest) -> str:
        """Have it done as soon as the backend answers; returns the job's id."""
        job = ImportJob(request=request)
        self.jobs[job.job] = job
        return job.job

    def adopt(self, job: ImportJob) -> None:
        """Take up a job that a saved file remembers."""
        job.is_known = job.is_adopted = True
        self.jobs[job.job] = job
        self._send(job, AttachJob(job=job.job))

    def cancel(self, job_id: str) -> None:
        """Ask for it to stop; what the server does not have yet just ends."""
        job = self.jobs.get(job_id)
        if job is None or job.has_ended:
            return
        self._drop_transfers(job_id)
        if not job.is_known or job.phase == "fetching":
            job.phase, job.partial = "cancelled", None
            return
        job.phase = "cancelling"
        self._send(job, CancelJob(job=job_id))

    def take(self, job_id: str) -> ImportJob:
        """Have the result of a done job brought here once more. Raises InputError."""
        job, record = self.jobs.get(job_id), self.results.get(job_id)
        if job is None or not job.has_ended:
            if record is None:
                raise InputError("This result is no longer there.", hint="Import the photos again.")
            title = record.request.title
            request = ImportRequest(title=title, photos=(), options={}, build={"title": title})
            job = ImportJob(request=request, job=job_id, is_known=True)
            self.jobs[job_id] = job
        job.phase, job.message, job.hint = "fetching", "", ""
        return job

    def forget(self, job_id: str) -> None:
        """Delete an ended job's result on the server."""
        self.jobs.pop(job_id, None)
        self.results.pop(job_id, None)
        if self._client is not None:
            self._client.send(ForgetJob(job=job_id))

    # What the session tells ----------------------------------------------------------------------

    def greet(self, client: Client, *, is_remote: bool) -> None:
        """A connection has come about: take up all jobs again, and see what the server has.

        is_remote: files go over the wire both ways, as a paired client may name none of the server's
        """
        self._client = client
        self._shares_disk = client.shares_disk and not is_remote
        self._requests.clear()
        client.send(ListJobs())
        for job in self.jobs.values():
            if not job.has_ended and job.is_known:
                wanted = CancelJob if job.phase == "cancelling" else AttachJob
                self._send(job, wanted(job=job.job))

    def part(self) -> None:
        """The client is closed."""
        self._client = None
        self._uploads.clear()
        self._downloads.clear()
        self._requests.clear()

    def hear(self, received: Received) -> None:
        """A message from the server, ours or not."""
        for transfer in (*self._uploads.values(), *self._downloads.values()):
            transfer.feed(received)
        message = received.message
        asked_for = self._requests.pop(received.reply_to, "")
        if isinstance(message, Error):
            self._hear_error(message, asked_for)
        elif isinstance(message, Jobs):
            self._hear_jobs(message, asked_for)
        elif isinstance(message, JobEnded):
            self._hear_record(message.record)
        elif isinstance(message, JobProgress) and message.job in self.jobs:
            self.jobs[message.job].hear_progress(message)
        elif isinstance(message, JobPartial) and message.job in self.jobs:
            self.jobs[message.job].hear_partial(message)

    def go_on(self) -> None:
        """Hand over what waits, fetch what is done: a few milliseconds at most."""
        client = self._client
        for job in list(self.jobs.values()):
            if job.phase == "uploading":
                self._upload(job)
            elif job.phase == "waiting" and not job.is_known:
                if client is not None and client.state == "ready":
                    self._hand_over(job, client)
            elif job.phase == "fetching":
                self._fetch(job)

    # -------------------------------------------------------------------------------------------

    @property
    def shares_disk(self) -> bool:
        """Whether the backend can be told paths of this computer."""
        return self._shares_disk

    def _send(self, job: ImportJob, message: Message) -> None:
        """Now; where there is no connection, `greet` says it later."""
        if self._client is not None and self._client.state == "ready":
            self._requests[self._client.send(message)] = job.job

    def _hand_over(self, job: ImportJob, client: Client) -> None:
        if self._shares_disk:
            self._submit(job, job.request.photos)
            return
        self._uploads[job.job] = Upload(client, [Path(photo) for photo in job.request.photos])
        job.phase, job.stage = "uploading", "Sending photos"

    def _upload(self, job: ImportJob) -> None:
        upload = self._uploads.get(job.job)
        if upload is None:  # the client was closed meanwhile
            job.phase = "waiting"
            return
        upload.step()
        job.note = f"{upload.done:.0%}"
        if upload.error is not None:
            self._fail(job, upload.error)
        elif upload.finished:
            self._submit(job, upload.inputs)

    def _submit(self, job: ImportJob, inputs: tuple[str, ...]) -> None:
        self._drop_transfers(job.job)
        job.is_known = True
        job.phase, job.stage, job.note = "queued", "", ""
        self._send(job, SubmitJob(job=job.job, request=job.job_request(inputs)))

    def _fetch(self, job: ImportJob) -> None:
        if job.folder and _is_scene(Path(job.folder)):
            job.phase = "arrived"
            return
        client, record = self._client, self.results.get(job.job)
        if client is None or client.state != "ready" or record is None:
            return
        if not self._shares_disk:
            self._download(job, client)
            return
        job.folder = str(Path(record.folder, scene_name(record)))
        if not _is_scene(Path(job.folder)):
            job.fail("The result is no longer there.", "Import the photos again.")

    def _download(self, job: ImportJob, client: Client) -> None:
        folder = self._folder / job.job
        scene = folder / scene_name(self.results[job.job])
        if _is_scene(scene):
            job.folder = str(scene)
            return
        if job.job not in self._downloads:
            self._downloads[job.job] = Download(client, job.job, folder)
        download = self._downloads[job.job]
        download.step()
        job.stage, job.note = "Receiving the scene", f"{download.done:.0%}"
        if download.error is not None:
            self._fail(job, download.error)
        elif download.finished:
            self._drop_transfers(job.job)

    def _drop_transfers(self, job_id: str) -> None:
        self._uploads.pop(job_id, None)
        self._downloads.pop(job_id, None)

    def _fail(self, job: ImportJob, error: MaquetteError) -> None:
        self._drop_transfers(job.job)
        job.fail(error.message, error.hint)

    def _hear_error(self, error: Error, asked_for: str) -> None:
        job = self.jobs.get(error.job or asked_for)
        if job is not None:
            job.fail(error.message, error.hint)

    def _hear_jobs(self, jobs: Jobs, asked_for: str) -> None:
        for record in reversed(jobs.jobs):  # newest first: so that the newest is put in front last
            self._hear_record(record)
        job = self.jobs.get(asked_for)
        if job is not None and asked_for not in {record.job for record in jobs.jobs}:
            job.fail("The backend does not know this import.", "Import the photos again.")

    def _hear_record(self, record: JobRecord) -> None:
        if record.request.kind in ("reconstruct", "segment") and record.state == "done":
            others = {job: old for job, old in self.results.items() if job != record.job}
            self.results = {record.job: record, **others}
        job = self.jobs.get(record.job)
        if job is None or job.has_ended:
            return
        job.hear_record(record)
        if job.phase == "failed":
            self._on_failure(job.job)


def scene_name(record: JobRecord) -> str:
    """What the scene is called in a result's folder: plain, whatever the backend says."""
    named = record.summary.get("scene")
    return (Path(named).name if isinstance(named, str) else "") or "scene"


def _is_scene(folder: Path) -> bool:
    return (folder / "scene.json").is_file()
