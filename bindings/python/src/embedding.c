/* Embeddings, bags of them, and positions: the native halves of talweg.nn's layers and the functions beside them. */
#include "talweg_python.h"

/* ---- Embeddings ------------------------------------------------------------- */

/* (ids, weight, padding) */
static PyObject *embedding_padded(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *first, *second, *result = NULL;
    int64_t padding;
    if (!PyArg_ParseTuple(args, "OOO&", &first, &second, to_int64, &padding)) return NULL;
    PyObject *ids = tensor_from(state, first, NULL, NULL);
    PyObject *table = ids ? tensor_from(state, second, NULL, NULL) : NULL;
    if (table) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_embedding_padded(NULL, TENSOR(table), TENSOR(ids), padding))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(ids);
    Py_XDECREF(table);
    return result;
}

/* (table, ids, norm, order) */
static PyObject *embedding_limit(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *table, *object;
    double norm, order;
    if (!PyArg_ParseTuple(args, "O!Odd", state->tensor_type, &table, &object, &norm, &order)) return NULL;
    PyObject *ids = tensor_from(state, object, NULL, NULL);
    if (!ids) return NULL;
    tw_status status;
    UNLOCKED(status = tw_embedding_limit(TENSOR(table), TENSOR(ids), norm, order))
    Py_DECREF(ids);
    return check(state, status) < 0 ? NULL : Py_NewRef(Py_None);
}

/* (ids, weight, offsets, per_sample_weights, mode, padding, last_offset) */
static PyObject *embedding_bag(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_bag_options options = TW_BAG_OPTIONS_INIT;
    PyObject *given[4], *found[4] = {NULL, NULL, NULL, NULL}, *result = NULL;
    int mode, last_offset;
    if (!PyArg_ParseTuple(args, "OOOOiO&p", &given[0], &given[1], &given[2], &given[3], &mode, to_int64,
                          &options.padding, &last_offset))
        return NULL;
    options.mode = (tw_bag_mode)mode;
    options.last_offset = last_offset != 0;
    bool ready = true;
    for (int i = 0; ready && i < 2; ++i) ready = (found[i] = tensor_from(state, given[i], NULL, NULL)) != NULL;
    for (int i = 2; ready && i < 4; ++i) ready = tensor_or_none(state, given[i], &found[i]) == 0;
    if (ready) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_embedding_bag(NULL, TENSOR(found[1]), TENSOR(found[0]), found[2] ? TENSOR(found[2]) : NULL,
                                           found[3] ? TENSOR(found[3]) : NULL, &options))
        result = tensor_wrap(state, handle);
    }
    for (int i = 0; i < 4; ++i) Py_XDECREF(found[i]);
    return result;
}

/* What embeddings and bags of them have in common. */
typedef struct {
    PyObject *self, *dtype, *generator, *weight;
    int64_t rows, width;
    int initializer, frozen;
    tw_embedding_options options;
} EmbeddingArguments;

#define EMBEDDING_FORMAT "O!O&O&OO&ddidOOp"
#define EMBEDDING_ARGUMENTS(state, a) \
    (state)->module_type, &(a).self, to_int64, &(a).rows, to_int64, &(a).width, &(a).dtype, to_int64, \
        &(a).options.padding, &(a).options.max_norm, &(a).options.norm_order, &(a).initializer, &(a).options.scale, \
        &(a).generator, &(a).weight, &(a).frozen

static int complete(State *state, EmbeddingArguments *a) {
    a->options.initializer = (tw_initializer)a->initializer;
    a->options.frozen = a->frozen != 0;
    if (dtype_from(state, a->dtype, &a->options.dtype) < 0 ||
        generator_from(state, a->generator, &a->options.generator) < 0)
        return -1;
    if (a->weight == Py_None) return 0;
    if (!is_tensor(state, a->weight)) {
        PyErr_Format(PyExc_TypeError, "embedding: the weight is a Tensor or Parameter, not %R", Py_TYPE(a->weight));
        return -1;
    }
    a->options.weight = TENSOR(a->weight);
    return 0;
}

static PyObject *init_embedding(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    EmbeddingArguments a = {.options = TW_EMBEDDING_OPTIONS_INIT};
    if (!PyArg_ParseTuple(args, EMBEDDING_FORMAT, EMBEDDING_ARGUMENTS(state, a)) || complete(state, &a) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_embedding_new(a.rows, a.width, &a.options, &handle))
    return module_adopt(a.self, status, handle);
}

static PyObject *init_embedding_bag(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    EmbeddingArguments a = {.options = TW_EMBEDDING_OPTIONS_INIT};
    tw_bag_options bag = TW_BAG_OPTIONS_INIT;
    int mode, last_offset;
    if (!PyArg_ParseTuple(args, EMBEDDING_FORMAT "ip", EMBEDDING_ARGUMENTS(state, a), &mode, &last_offset) ||
        complete(state, &a) < 0)
        return NULL;
    bag.mode = (tw_bag_mode)mode;
    bag.last_offset = last_offset != 0;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_embedding_bag_new(a.rows, a.width, &a.options, &bag, &handle))
    return module_adopt(a.self, status, handle);
}

/* ---- Positions ----------------------------------------------------------------- */

/* (count, width, first, base, dtype) */
static PyObject *sinusoidal_positions(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    int64_t count, width, first;
    double base;
    PyObject *type;
    tw_dtype dtype;
    if (!PyArg_ParseTuple(args, "O&O&O&dO", to_int64, &count, to_int64, &width, to_int64, &first, &base, &type) ||
        dtype_from(state, type, &dtype) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_sinusoidal_positions(NULL, count, width, first, base, dtype))
    return tensor_wrap(state, handle);
}

static PyObject *init_sinusoidal_positions(PyObject *module, PyObject *args) {
    PyObject *self;
    int64_t width;
    double base;
    if (!PyArg_ParseTuple(args, "O!O&d", module_state(module)->module_type, &self, to_int64, &width, &base))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_sinusoidal_positions_new(width, base, &handle);
    return module_adopt(self, status, handle);
}

/* (self, most, width, dtype, initializer, scale, generator) */
static PyObject *init_learned_positions(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    PyObject *self, *dtype, *generator;
    int64_t most, width;
    int initializer;
    if (!PyArg_ParseTuple(args, "O!O&O&OidO", state->module_type, &self, to_int64, &most, to_int64, &width, &dtype,
                          &initializer, &options.scale, &generator) ||
        dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.initializer = (tw_initializer)initializer;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_learned_positions_new(most, width, &options, &handle))
    return module_adopt(self, status, handle);
}

/* (x, positions, pairs, base, width, offset) */
static PyObject *rotary(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_rotary_options options = TW_ROTARY_OPTIONS_INIT;
    PyObject *object, *given, *positions = NULL, *result = NULL;
    int pairs;
    if (!PyArg_ParseTuple(args, "OOidO&O&", &object, &given, &pairs, &options.base, to_int64, &options.width, to_int64,
                          &options.offset))
        return NULL;
    options.pairs = (tw_rotary_pairs)pairs;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (x && tensor_or_none(state, given, &positions) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_rotary(NULL, TENSOR(x), positions ? TENSOR(positions) : NULL, &options))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(positions);
    return result;
}

static PyObject *init_rotary(PyObject *module, PyObject *args) {
    tw_rotary_options options = TW_ROTARY_OPTIONS_INIT;
    PyObject *self;
    int pairs;
    if (!PyArg_ParseTuple(args, "O!idO&O&", module_state(module)->module_type, &self, &pairs, &options.base, to_int64,
                          &options.width, to_int64, &options.offset))
        return NULL;
    options.pairs = (tw_rotary_pairs)pairs;
    tw_module *handle = NULL;
    tw_status status = tw_rotary_new(&options, &handle);
    return module_adopt(self, status, handle);
}

PyMethodDef embedding_functions[] = {
    {"_embedding_padded", embedding_padded, METH_VARARGS, NULL},
    {"_embedding_limit", embedding_limit, METH_VARARGS, NULL},
    {"_embedding_bag", embedding_bag, METH_VARARGS, NULL},
    {"_init_embedding", init_embedding, METH_VARARGS, NULL},
    {"_init_embedding_bag", init_embedding_bag, METH_VARARGS, NULL},
    {"_sinusoidal_positions", sinusoidal_positions, METH_VARARGS, NULL},
    {"_init_sinusoidal_positions", init_sinusoidal_positions, METH_VARARGS, NULL},
    {"_init_learned_positions", init_learned_positions, METH_VARARGS, NULL},
    {"_rotary", rotary, METH_VARARGS, NULL},
    {"_init_rotary", init_rotary, METH_VARARGS, NULL},
    {0},
};
