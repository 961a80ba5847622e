"""The command of an evaluation: what it takes by default, and what it refuses."""

import pytest

from core.evaluate import __main__ as command
from core.evaluate import run
from core.evaluate.settings import MEASUREMENT, make_settings
from core.metrics import METRICS


def test_by_default_all_trained_and_classical_variants(variants):
    settings = make_settings([], [], [], variants, None)
    assert settings.variants[:4] == [MEASUREMENT, "unet-test", "unet-two", "blur-k3-s0"]
    assert len(settings.variants) == 1 + 2 + 19
    assert [m.key for m in settings.metrics] == list(METRICS)
    trained = make_settings([], [], [], variants, None, trained=True)
    assert trained.variants == [MEASUREMENT, "unet-test", "unet-two"]


def test_a_refused_file_is_left_out_with_a_word(evaluate, photos, variants, capsys):
    (variants / "broken.safetensors").write_bytes(b"no such thing")
    evaluate(photos, "--metrics", "psnr")
    assert "Left out broken.safetensors: 'broken.safetensors' " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--variants", "nothing"], "no variant 'nothing'"),
        (["--metrics", "nothing"], "no metric 'nothing'"),
        (["--protocol", "nothing"], "no protocol 'nothing'"),
        (["--write-cards", "--protocol", "basicsr_y"], "not of 'basicsr_y'"),
        (["--degradation", "nothing"], "no degradation 'nothing'"),
        (["--degradation", "gaussian_noise(sigma=9)"], "allowed: 0 to 0.3"),
        (["--degradation", "gaussian_noise(clip=2)"], "Clip to [0, 1] is 2; allowed: 0 or 1."),
        (["--degradation", "gaussian_noise", "gaussian_noise(seed=0)"], "is listed twice"),
        (["--crop", "0"], "--crop is 0"),
        (["--batch", "17"], "--batch is 17; it can be 1 to 16"),
        (["--threads", "0"], "--threads is 0"),
        (["--clean", "nowhere"], "no file or folder 'nowhere'"),
        (["--clean", ".", "--degradation", "none"], "no --degradation"),
        (["--json", "no/such/file.json"], "The folder of 'no/such/file.json'"),
        (["--json", "."], "--json '.' is a folder."),
        (["--outputs", "unet-two=."], "is the name of a variant"),
        (["--outputs", "measurement=."], "is the name of a variant"),
        (["--outputs", "clean=."], "says a role"),
        (["--outputs", "a=.", "a=.."], "a NAME twice"),
        (["--outputs", "a=nowhere"], "no file or folder 'nowhere'"),
        (["--outputs", "a=.", "--degradation", "none"], "no --degradation"),
        (["--write-cards"], "--crop 224 and gaussian_noise(sigma=0.15, seed=0)"),
        (["nowhere"], "no file or folder 'nowhere'"),
    ],
)
def test_bad_arguments_end_with_2_before_anything_runs(
    evaluate, photos, capsys, monkeypatch, options, message
):
    monkeypatch.setattr(run, "evaluate", lambda *_, **__: pytest.fail("it ran"))
    where = [] if options == ["nowhere"] else [photos]
    evaluate(*where, *options, code=2)
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and message in said[0]


def test_a_missing_folder_of_variants_is_refused(photos, capsys):
    assert command.main([str(photos), "--checkpoints", "nowhere"]) == 2
    assert "There is no folder 'nowhere' with variants." in capsys.readouterr().err


def test_a_folder_without_pictures_is_refused(evaluate, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    evaluate(tmp_path / "empty", code=2)
    assert "There is no picture in" in capsys.readouterr().err


def test_most_a_batch_can_be_is_a_chunk():
    assert command.MOST == run.CHUNK


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["--help"])
    assert stopped.value.code == 0
    assert "--degradation" in capsys.readouterr().out
