"""The loop that everything runs on, and actors that have their turns there instead of threads.

| about | modules |
|---|---|
| the loop | worker |
| pooled actors | pooled, inbox, dispatcher |
| work from other threads and signal handlers | postbox, wakeup |
"""
