"""Pieces of screen that several pages share.

Handles for tests, stable on purpose (components live in shadow roots, which Playwright pierces):
    search box        role searchbox, name "What do you remember?"
    where to look     class st-key-scope
    result tile       data-testid "tile" in the group "Moments, best first"; data-key is
                      <video_id>@<second>
    poster            data-testid "tile" in the group "Videos" (a link); data-key is <video_id>
    clip of a video   data-testid "tile" in the group "Clips of this video"; data-key is <second>
    player            data-testid "player" (the <video>), "player-note" (what it says) and
                      "player-again" (a button, once the moment is over)
    drop zone         data-testid "dropzone"; its file input "dropzone-input", "dropzone-folder"
    upload in flight  data-testid "upload" (data-state: waiting, sending, done, failed)
    video on its way  data-testid "job" (data-state: an IndexState; class st-key-job-<video_id>);
                      its button is called Cancel, Try again or Open, with the video's name
"""
