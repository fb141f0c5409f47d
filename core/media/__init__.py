"""From the bytes of a video to its frames, and to a copy that browsers can play.

moviepy and its ffmpeg do the work. Knows no library, no model of pictures and no settings.
"""
