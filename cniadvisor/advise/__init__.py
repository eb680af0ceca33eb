"""From what you care about, and what was measured, to a CNI you can defend. Pure: no I/O.

Where to look:

==================  ============================================================================
advising.py         ``advise``: answers in, recommendation out; the order of things
interview.py        the questionnaire as a state: what holds, what is asked next, what is skipped
prefill.py          answers that a cluster gives by itself, with their evidence

**What is known**
vocabulary.py       the keys of facts: what they are called, what values they have
profile.py          facts with their sources, options, migrations of one CNI
axes.py             what "simple" or "light" means: criteria over facts
questionnaire.py    questions, choices, and what a choice does
catalogue.py        all of it together
reference.py        published campaigns

**How it is decided**
configuration.py    a CNI with options switched on, and its facts
needs.py            hard constraints: who is excluded, and by which fact
scoring.py          axes from facts, weights into scores
measured.py         own reports as evidence
reasons.py          for, against, what is given up: always a fact
sensitivity.py      the smallest change that flips the answer
recommendation.py   the answer's dataclasses
document.py         the answer as the JSON that scripts rely on
==================  ============================================================================
"""
