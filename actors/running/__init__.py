"""Running code: the language as an engine, and evaluations in greenlets, a slice at a time.

| about | modules |
|---|---|
| what the server needs of the language | engine, language, host |
| slices and budgets of evaluations | evaluator, scheduler, usage |
| processes between evaluations | background |
| the timer that ends slices | preempt |
"""
