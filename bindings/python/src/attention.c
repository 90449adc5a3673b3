/* Attention, as functions of tensors. */
#include "talweg_python.h"

/* The options that both functions take; the tensors they name stay in keep[2]. */
static int attention_options(State *state, PyObject *mask, PyObject *key_mask, PyObject *scale, PyObject *generator,
                             PyObject *keep[2], tw_attention_options *options) {
    if (tensor_or_none(state, mask, &keep[0]) < 0 || tensor_or_none(state, key_mask, &keep[1]) < 0 ||
        generator_from(state, generator, &options->generator) < 0)
        return -1;
    options->mask = keep[0] ? TENSOR(keep[0]) : NULL;
    options->key_mask = keep[1] ? TENSOR(keep[1]) : NULL;
    if (scale == Py_None) return 0;
    options->scale = PyFloat_AsDouble(scale);
    if (PyErr_Occurred()) return -1;
    if (options->scale == 0) {
        PyErr_SetString(PyExc_ValueError, "attention: the scale is 0; None is 1 / sqrt(width)");
        return -1;
    }
    return 0;
}

static PyObject *scaled_dot_product_attention(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"query", "key",   "value",    "attn_mask", "dropout_p", "is_causal",
                            "scale", "key_mask", "generator", NULL};
    State *state = module_state(module);
    PyObject *objects[3], *tensors[3] = {NULL}, *keep[2] = {NULL}, *result = NULL;
    PyObject *mask = Py_None, *key_mask = Py_None, *scale = Py_None, *generator = Py_None;
    tw_attention_options options = TW_ATTENTION_OPTIONS_INIT;
    int causal = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|OdpO$OO:scaled_dot_product_attention", names, &objects[0],
                                     &objects[1], &objects[2], &mask, &options.dropout, &causal, &scale, &key_mask,
                                     &generator))
        return NULL;
    options.causal = causal;
    bool ready = true;
    for (int i = 0; i < 3 && ready; ++i) ready = (tensors[i] = tensor_from(state, objects[i], NULL, NULL)) != NULL;
    if (ready && attention_options(state, mask, key_mask, scale, generator, keep, &options) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_attention(NULL, TENSOR(tensors[0]), TENSOR(tensors[1]), TENSOR(tensors[2]), &options))
        result = tensor_wrap(state, handle);
    }
    for (int i = 0; i < 3; ++i) Py_XDECREF(tensors[i]);
    for (int i = 0; i < 2; ++i) Py_XDECREF(keep[i]);
    return result;
}

static PyObject *self_attention(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"projection", "heads", "key_heads", "attn_mask", "dropout_p",
                            "is_causal",  "scale", "key_mask",  "generator", NULL};
    State *state = module_state(module);
    PyObject *object, *keep[2] = {NULL}, *result = NULL, *key_heads = Py_None;
    PyObject *mask = Py_None, *key_mask = Py_None, *scale = Py_None, *generator = Py_None;
    tw_attention_options options = TW_ATTENTION_OPTIONS_INIT;
    int64_t heads, shared;
    int causal = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&|O$OdpOOO:self_attention", names, &object, to_int64, &heads,
                                     &key_heads, &mask, &options.dropout, &causal, &scale, &key_mask, &generator))
        return NULL;
    options.causal = causal;
    shared = heads;
    if (key_heads != Py_None && int64_from(key_heads, "key_heads", &shared) < 0) return NULL;
    PyObject *projection = tensor_from(state, object, NULL, NULL);
    if (projection && attention_options(state, mask, key_mask, scale, generator, keep, &options) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_self_attention(NULL, TENSOR(projection), heads, shared, &options))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(projection);
    for (int i = 0; i < 2; ++i) Py_XDECREF(keep[i]);
    return result;
}

PyMethodDef attention_functions[] = {
    {"scaled_dot_product_attention", METHOD_KEYWORDS(scaled_dot_product_attention),
     "scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, *, "
     "key_mask=None, generator=None)\n--\n\n"
     "softmax(scale query key' + masks) value, in tiles. query [B, H, T, D], key [B, HK, S, D],\n"
     "value [B, HK, S, E], H a multiple of HK; the result is [B, H, T, E].\n\n"
     "attn_mask: bool (True: attend) or floating (added), broadcast to [B, H, T, S].\n"
     "is_causal: query i attends to keys 0 ... i + S - T, the last query to all (PyTorch lets query i\n"
     "attend to keys 0 ... i, which is the same for T = S).\n"
     "key_mask: bool [B, S], False for padding. scale: None is 1 / sqrt(D).\n"
     "A query that attends to nothing gives zeros."},
    {"self_attention", METHOD_KEYWORDS(self_attention),
     "self_attention(projection, heads, key_heads=None, *, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, "
     "key_mask=None, generator=None)\n--\n\n"
     "Attention of a sequence to itself, of one projection [B, T, (heads + 2 key_heads) D] that holds\n"
     "queries, keys and values side by side; gives [B, T, heads D]."},
    {0},
};
