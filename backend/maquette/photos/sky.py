"""Find the sky."""


def find_sky(views, workdir, progress):
    return views
