/* Positions along an axis, and writing by keys to a copy: index.h. */
#include "talweg_python.h"

static PyObject *function_take_along_axis(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "axis", NULL};
    State *state = module_state(module);
    PyObject *object, *indices, *result = NULL;
    int64_t axis = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O&", names, &object, &indices, to_int64, &axis)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *positions = x ? tensor_from(state, indices, NULL, NULL) : NULL;
    if (positions) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_take_along_axis(NULL, TENSOR(x), TENSOR(positions), axis))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(positions);
    return result;
}

typedef tw_tensor *(*ScatterOp)(tw_scope *, const tw_tensor *, int64_t, const tw_tensor *, const tw_tensor *);

static PyObject *scattered(PyObject *module, PyObject *args, PyObject *kwargs, ScatterOp op) {
    static char *names[] = {"x", "axis", "indices", "values", NULL};
    State *state = module_state(module);
    PyObject *object, *indices, *values, *result = NULL;
    int64_t axis;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&OO", names, &object, to_int64, &axis, &indices, &values))
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *positions = x ? tensor_from(state, indices, NULL, NULL) : NULL;
    PyObject *source = positions ? assigned_from(state, values, TENSOR(x)) : NULL;
    if (source) {
        tw_tensor *handle;
        UNLOCKED(handle = op(NULL, TENSOR(x), axis, TENSOR(positions), TENSOR(source)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(positions);
    Py_XDECREF(source);
    return result;
}

static PyObject *function_scatter(PyObject *module, PyObject *args, PyObject *kwargs) {
    return scattered(module, args, kwargs, tw_scatter);
}

static PyObject *function_scatter_add(PyObject *module, PyObject *args, PyObject *kwargs) {
    return scattered(module, args, kwargs, tw_scatter_add);
}

static PyObject *function_index_add(PyObject *module, PyObject *args, PyObject *kwargs) {
    return scattered(module, args, kwargs, tw_index_add);
}

static PyObject *function_index_put(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "key", "values", "accumulate", NULL};
    State *state = module_state(module);
    PyObject *object, *key, *values, *result = NULL;
    int adds = 0;
    Keys keys;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|p", names, &object, &key, &values, &adds)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *source = x ? assigned_from(state, values, TENSOR(x)) : NULL;
    if (source && keys_from(state, key, &keys) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_index_put(NULL, TENSOR(x), keys.keys, keys.count, TENSOR(source), adds))
        result = tensor_wrap(state, handle);
        keys_release(&keys);
    }
    Py_XDECREF(x);
    Py_XDECREF(source);
    return result;
}

PyMethodDef ops_index_functions[] = {
    {"take_along_axis", METHOD_KEYWORDS(function_take_along_axis),
     "take_along_axis(x, indices, /, axis=-1)\n--\n\n"
     "y[.., i, ..] = x[.., indices[.., i, ..], ..]; the other sizes of x and indices broadcast."},
    {"scatter", METHOD_KEYWORDS(function_scatter),
     "scatter(x, axis, indices, values)\n--\n\n"
     "A copy of x with values written where gather would read. Of values for one place the last stays."},
    {"scatter_add", METHOD_KEYWORDS(function_scatter_add),
     "scatter_add(x, axis, indices, values)\n--\n\nA copy of x with values added where gather would read."},
    {"index_add", METHOD_KEYWORDS(function_index_add),
     "index_add(x, axis, indices, values)\n--\n\n"
     "A copy of x with row i of values added to row indices[i] of an axis; indices are integers [n]."},
    {"index_put", METHOD_KEYWORDS(function_index_put),
     "index_put(x, key, values, accumulate=False)\n--\n\n"
     "A copy of x with x[key] = values, or with the values added there. Differentiable in x and in values."},
    {0},
};
