/* LSTM and GRU, over a sequence and a step at a time, as functions of tensors. */
#include "talweg_python.h"

/* What a call holds: x, h, c, w_ih, w_hh, b_ih, b_hh, those given as None being NULL. */
typedef struct {
    PyObject *tensors[7];
} Inputs;

static tw_tensor *handle_of(PyObject *tensor) {
    return tensor ? TENSOR(tensor) : NULL;
}

static void inputs_free(Inputs *inputs) {
    for (int i = 0; i < 7; ++i) Py_XDECREF(inputs->tensors[i]);
}

/* 0, or -1 with an exception and nothing held. The weights are a sequence w_ih, w_hh[, b_ih, b_hh]. */
static int inputs_from(State *state, PyObject *x, PyObject *h, PyObject *c, PyObject *weights, Inputs *inputs,
                       tw_recurrent_weights *out) {
    *inputs = (Inputs){{NULL}};
    PyObject *given = PySequence_Tuple(weights);
    if (!given) return -1;
    Py_ssize_t count = PyTuple_Size(given);
    bool ready = count == 2 || count == 4;
    if (!ready) PyErr_Format(PyExc_ValueError, "weights are w_ih, w_hh[, b_ih, b_hh], not %zd tensors", count);
    ready = ready && (inputs->tensors[0] = tensor_from(state, x, NULL, NULL)) != NULL &&
            tensor_or_none(state, h, &inputs->tensors[1]) == 0 && tensor_or_none(state, c, &inputs->tensors[2]) == 0;
    for (Py_ssize_t i = 0; ready && i < count; ++i)
        ready = tensor_or_none(state, PyTuple_GetItem(given, i), &inputs->tensors[3 + i]) == 0;
    Py_DECREF(given);
    if (!ready) {
        inputs_free(inputs);
        return -1;
    }
    *out = (tw_recurrent_weights)TW_RECURRENT_WEIGHTS_INIT;
    out->w_ih = handle_of(inputs->tensors[3]);
    out->w_hh = handle_of(inputs->tensors[4]);
    out->b_ih = handle_of(inputs->tensors[5]);
    out->b_hh = handle_of(inputs->tensors[6]);
    return 0;
}

static PyObject *lstm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "hx", "weights", "batch_first", NULL};
    State *state = module_state(module);
    PyObject *x, *hx, *weights, *h = Py_None, *c = Py_None;
    int batch_first = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|p:lstm", names, &x, &hx, &weights, &batch_first) ||
        (hx != Py_None && !PyArg_ParseTuple(hx, "OO;hx is None or (hidden, cells)", &h, &c)))
        return NULL;
    Inputs inputs;
    tw_recurrent_weights given;
    if (inputs_from(state, x, h, c, weights, &inputs, &given) < 0) return NULL;
    tw_tensor *y, *last = NULL, *cells = NULL;
    UNLOCKED(y = tw_lstm(NULL, TENSOR(inputs.tensors[0]), handle_of(inputs.tensors[1]), handle_of(inputs.tensors[2]),
                         &given, batch_first, &last, &cells))
    inputs_free(&inputs);
    PyObject *result = tensor_wrap(state, y);
    return result ? Py_BuildValue("N(NN)", result, tensor_wrap(state, last), tensor_wrap(state, cells)) : NULL;
}

static PyObject *gru(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "hx", "weights", "batch_first", NULL};
    State *state = module_state(module);
    PyObject *x, *h, *weights;
    int batch_first = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|p:gru", names, &x, &h, &weights, &batch_first)) return NULL;
    Inputs inputs;
    tw_recurrent_weights given;
    if (inputs_from(state, x, h, Py_None, weights, &inputs, &given) < 0) return NULL;
    tw_tensor *y, *last = NULL;
    UNLOCKED(y = tw_gru(NULL, TENSOR(inputs.tensors[0]), handle_of(inputs.tensors[1]), &given, batch_first, &last))
    inputs_free(&inputs);
    PyObject *result = tensor_wrap(state, y);
    return result ? Py_BuildValue("NN", result, tensor_wrap(state, last)) : NULL;
}

static PyObject *rnn(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "hx", "weights", "rectified", "batch_first", NULL};
    State *state = module_state(module);
    PyObject *x, *h, *weights;
    int rectified = 0, batch_first = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|pp:rnn", names, &x, &h, &weights, &rectified, &batch_first))
        return NULL;
    Inputs inputs;
    tw_recurrent_weights given;
    if (inputs_from(state, x, h, Py_None, weights, &inputs, &given) < 0) return NULL;
    tw_tensor *y, *last = NULL;
    UNLOCKED(y = tw_rnn(NULL, TENSOR(inputs.tensors[0]), handle_of(inputs.tensors[1]), &given, rectified, batch_first,
                        &last))
    inputs_free(&inputs);
    PyObject *result = tensor_wrap(state, y);
    return result ? Py_BuildValue("NN", result, tensor_wrap(state, last)) : NULL;
}

static PyObject *lstm_cell(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "hx", "weights", NULL};
    State *state = module_state(module);
    PyObject *x, *hx, *weights, *h = Py_None, *c = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO:lstm_cell", names, &x, &hx, &weights) ||
        (hx != Py_None && !PyArg_ParseTuple(hx, "OO;hx is None or (hidden, cells)", &h, &c)))
        return NULL;
    Inputs inputs;
    tw_recurrent_weights given;
    if (inputs_from(state, x, h, c, weights, &inputs, &given) < 0) return NULL;
    tw_tensor *hidden, *cells = NULL;
    UNLOCKED(hidden = tw_lstm_cell(NULL, TENSOR(inputs.tensors[0]), handle_of(inputs.tensors[1]),
                                   handle_of(inputs.tensors[2]), &given, &cells))
    inputs_free(&inputs);
    PyObject *result = tensor_wrap(state, hidden);
    return result ? Py_BuildValue("NN", result, tensor_wrap(state, cells)) : NULL;
}

static PyObject *gru_cell(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "hx", "weights", NULL};
    State *state = module_state(module);
    PyObject *x, *h, *weights;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO:gru_cell", names, &x, &h, &weights)) return NULL;
    Inputs inputs;
    tw_recurrent_weights given;
    if (inputs_from(state, x, h, Py_None, weights, &inputs, &given) < 0) return NULL;
    tw_tensor *hidden;
    UNLOCKED(hidden = tw_gru_cell(NULL, TENSOR(inputs.tensors[0]), handle_of(inputs.tensors[1]), &given))
    inputs_free(&inputs);
    return tensor_wrap(state, hidden);
}

PyMethodDef recurrent_functions[] = {
    {"lstm", METHOD_KEYWORDS(lstm),
     "lstm(x, hx, weights, batch_first=False)\n--\n\n"
     "Long short-term memory over x [T, B, I] (or [B, T, I]): the states [T, B, H] (or [B, T, H]) and\n"
     "the last (hidden, cells), [B, H] each. hx is (hidden, cells) before the first step, or None.\n"
     "weights: w_ih [4 H, I], w_hh [4 H, H] and, if there are biases, b_ih [4 H], b_hh [4 H]; the gates\n"
     "are in the order i, f, g, o."},
    {"gru", METHOD_KEYWORDS(gru),
     "gru(x, hx, weights, batch_first=False)\n--\n\n"
     "The gated recurrent unit over x, as lstm: the states and the last one. hx is the state [B, H]\n"
     "before the first step, or None. The gates are in the order r, z, n."},
    {"rnn", METHOD_KEYWORDS(rnn),
     "rnn(x, hx, weights, rectified=False, batch_first=False)\n--\n\n"
     "The simple recurrent network h' = tanh(W_ih x + b_ih + W_hh h + b_hh), with rectified max(.., 0), over x,\n"
     "as lstm: the states and the last one. hx is the state [B, H] before the first step, or None."},
    {"lstm_cell", METHOD_KEYWORDS(lstm_cell),
     "lstm_cell(x, hx, weights)\n--\n\nOne step of lstm: (hidden, cells) after x [B, I]."},
    {"gru_cell", METHOD_KEYWORDS(gru_cell), "gru_cell(x, hx, weights)\n--\n\nOne step of gru: the state after x [B, I]."},
    {0},
};
