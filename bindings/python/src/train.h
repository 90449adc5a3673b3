/* What the fit loop's callbacks need of the call that they belong to. */
#ifndef TALWEG_PYTHON_TRAIN_H
#define TALWEG_PYTHON_TRAIN_H

#include "talweg_python.h"

typedef struct {
    State *state;
    /* Borrowed from the call's arguments; NULL: none. */
    PyObject *loss;
    PyObject *callback;
    PyObject *on_event;
    /* The events that on_event is called for; a batch's end also every `interval` seconds, if that is not negative. */
    uint32_t watched;
    double interval;
    double last_shown;
    /* When signals were last looked for. */
    double last_look;
} Fit;

typedef struct {
    State *state;
    PyObject *callable; /* borrowed */
} Metric;

/* train_callbacks.c */
int fit_loss(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target, tw_tensor **loss);
int fit_metric(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target, double *value);
int fit_epoch(void *context, const tw_epoch_progress *progress);
int fit_event(void *context, const tw_fit_event *event);

/* train_history.c: a dict of what a history holds */
PyObject *history_dict(State *state, const tw_history *history);

#endif
