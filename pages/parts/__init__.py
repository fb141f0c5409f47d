"""Pieces of screen that several pages share.

Handles for tests, stable on purpose:
    search box        role textbox, name "What do you remember?"
    result tile       data-testid "tile" (a button; data-key names its moment or video)
    player            data-testid "player" (the <video>); data-testid "player-note" what it says
    drop zone         data-testid "dropzone"; its file input data-testid "dropzone-input"
    upload in flight  data-testid "upload" (data-state: waiting, sending, done, failed)
    video on its way  class st-key-job-<video_id>
"""
