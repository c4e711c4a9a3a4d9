"""Messages in and out: what carries them, a request on its way, and who may ask how much.

| about | modules |
|---|---|
| what carries messages | door, gateway, address |
| peers, and replies they are too slow for | peers, connections, backlog, unwritten |
| a request on its way | call |
| who may ask, and how much | admission, fairness, buckets |
| what was refused | refusals, bursts |
"""
