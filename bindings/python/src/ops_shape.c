/* Views, joining and picking. */
#include "talweg_python.h"

typedef PyObject *(*ShapeOp)(State *, const tw_tensor *, PyObject *sizes);

static PyObject *shape_reshape(State *state, const tw_tensor *x, PyObject *object) {
    Sizes sizes;
    if (sizes_from(object, "size", &sizes) < 0) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_reshape(NULL, x, sizes.values, sizes.rank))
    return tensor_wrap(state, handle);
}

static PyObject *shape_broadcast_to(State *state, const tw_tensor *x, PyObject *object) {
    Sizes sizes;
    if (sizes_from(object, "size", &sizes) < 0) return NULL;
    return tensor_wrap(state, tw_broadcast_to(NULL, x, sizes.values, sizes.rank));
}

static PyObject *shape_permute(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes;
    int64_t rank;
    if (sizes_from(object, "axis", &axes) < 0 || check(state, tw_tensor_rank(x, &rank)) < 0) return NULL;
    if (axes.rank != rank) {
        PyErr_Format(PyExc_ValueError, "permute: %lld axes named of a tensor that has %lld", (long long)axes.rank,
                     (long long)rank);
        return NULL;
    }
    return tensor_wrap(state, tw_permute(NULL, x, axes.values, rank));
}

static PyObject *shape_transpose(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes;
    int64_t rank;
    if (sizes_from(object, "axis", &axes) < 0 || check(state, tw_tensor_rank(x, &rank)) < 0) return NULL;
    if (axes.rank == 2) return tensor_wrap(state, tw_transpose(NULL, x, axes.values[0], axes.values[1]));
    if (axes.rank == 0) {
        axes.rank = rank;
        for (int64_t i = 0; i < rank; ++i) axes.values[i] = rank - 1 - i;
    }
    if (axes.rank != rank) {
        PyErr_Format(PyExc_ValueError, "transpose: %lld axes named of a tensor that has %lld: name none, two or all",
                     (long long)axes.rank, (long long)rank);
        return NULL;
    }
    return tensor_wrap(state, tw_permute(NULL, x, axes.values, rank));
}

static PyObject *shape_expand_dims(State *state, const tw_tensor *x, PyObject *object) {
    int64_t axis;
    if (PyTuple_Check(object) && PyTuple_Size(object) == 1) object = PyTuple_GetItem(object, 0);
    if (int64_from(object, "axis", &axis) < 0) return NULL;
    return tensor_wrap(state, tw_expand_dims(NULL, x, axis));
}

/* The axes from the last, so that those before keep their numbers. */
static PyObject *shape_squeeze(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes, shape;
    if (sizes_from(object, "axis", &axes) < 0 || tensor_shape(state, x, &shape) < 0) return NULL;
    bool drop[TW_MAX_RANK] = {false};
    for (int64_t i = 0; axes.rank == 0 && i < shape.rank; ++i) drop[i] = shape.values[i] == 1;
    for (int64_t i = 0; i < axes.rank; ++i) {
        int64_t axis = axes.values[i] < 0 ? axes.values[i] + shape.rank : axes.values[i];
        if (axis < 0 || axis >= shape.rank) {
            PyErr_Format(PyExc_IndexError, "squeeze: axis %lld of %lld", (long long)axes.values[i], (long long)shape.rank);
            return NULL;
        }
        drop[axis] = true;
    }
    tw_tensor *view = tw_reshape(NULL, x, shape.values, shape.rank);
    for (int64_t axis = shape.rank - 1; view && axis >= 0; --axis) {
        if (!drop[axis]) continue;
        tw_tensor *next = tw_squeeze(NULL, view, axis);
        tw_release(view);
        view = next;
    }
    return tensor_wrap(state, view);
}

/* x.reshape(2, 3) and x.reshape((2, 3)) alike. */
static PyObject *spread(PyObject *args) {
    PyObject *only = PyTuple_Size(args) == 1 ? PyTuple_GetItem(args, 0) : NULL;
    if (only == Py_None) return PyTuple_New(0);
    return Py_NewRef(only && !PyIndex_Check(only) ? only : args);
}

static PyObject *shape_method(PyObject *self, PyObject *args, ShapeOp op) {
    PyObject *sizes = spread(args);
    PyObject *result = sizes ? op(object_state(self), TENSOR(self), sizes) : NULL;
    Py_XDECREF(sizes);
    return result;
}

static PyObject *shape_function(PyObject *module, PyObject *args, ShapeOp op) {
    if (PyTuple_Size(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "a tensor is needed first");
        return NULL;
    }
    State *state = module_state(module);
    PyObject *x = tensor_from(state, PyTuple_GetItem(args, 0), NULL, NULL);
    PyObject *rest = x ? PyTuple_GetSlice(args, 1, PyTuple_Size(args)) : NULL;
    PyObject *sizes = rest ? spread(rest) : NULL;
    PyObject *result = sizes ? op(state, TENSOR(x), sizes) : NULL;
    Py_XDECREF(x);
    Py_XDECREF(rest);
    Py_XDECREF(sizes);
    return result;
}

#define SHAPE_PAIR(name, doc) \
    PyObject *method_##name(PyObject *self, PyObject *args) { \
        return shape_method(self, args, shape_##name); \
    } \
    static PyObject *function_##name(PyObject *module, PyObject *args) { \
        return shape_function(module, args, shape_##name); \
    }
SHAPE_METHODS(SHAPE_PAIR)

typedef tw_tensor *(*JoinOp)(tw_scope *, const tw_tensor *const *, int64_t, int64_t);

static PyObject *join(PyObject *module, PyObject *args, PyObject *kwargs, JoinOp op) {
    static char *names[] = {"tensors", "axis", NULL};
    State *state = module_state(module);
    PyObject *sequence, *keep;
    int64_t axis = 0;
    tw_tensor **handles, *handle;
    Py_ssize_t count;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&", names, &sequence, to_int64, &axis)) return NULL;
    if (tensors_from(state, sequence, &keep, &handles, &count) < 0) return NULL;
    UNLOCKED(handle = op(NULL, (const tw_tensor *const *)handles, count, axis))
    PyMem_Free(handles);
    Py_DECREF(keep);
    return tensor_wrap(state, handle);
}

static PyObject *function_concatenate(PyObject *module, PyObject *args, PyObject *kwargs) {
    return join(module, args, kwargs, tw_concatenate);
}

static PyObject *function_stack(PyObject *module, PyObject *args, PyObject *kwargs) {
    return join(module, args, kwargs, tw_stack);
}

typedef tw_tensor *(*PickOp)(tw_scope *, const tw_tensor *, int64_t, const tw_tensor *);

static PyObject *pick(PyObject *module, PyObject *args, PyObject *kwargs, PickOp op) {
    static char *names[] = {"x", "axis", "indices", NULL};
    State *state = module_state(module);
    PyObject *object, *indices, *result = NULL;
    int64_t axis;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&O", names, &object, to_int64, &axis, &indices)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *positions = x ? tensor_from(state, indices, NULL, NULL) : NULL;
    if (positions) {
        tw_tensor *handle;
        UNLOCKED(handle = op(NULL, TENSOR(x), axis, TENSOR(positions)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(positions);
    return result;
}

static PyObject *function_index_select(PyObject *module, PyObject *args, PyObject *kwargs) {
    return pick(module, args, kwargs, tw_index_select);
}

static PyObject *function_gather(PyObject *module, PyObject *args, PyObject *kwargs) {
    return pick(module, args, kwargs, tw_gather);
}

#define SHAPE_ROW(name, doc) {#name, function_##name, METH_VARARGS, #name "(x, /, *sizes)\n--\n\n" doc},

PyMethodDef ops_shape_functions[] = {
    SHAPE_METHODS(SHAPE_ROW)
    {"concatenate", METHOD_KEYWORDS(function_concatenate),
     "concatenate(tensors, axis=0)\n--\n\nJoins tensors along an axis; other sizes must agree."},
    {"stack", METHOD_KEYWORDS(function_stack),
     "stack(tensors, axis=0)\n--\n\nJoins tensors of one shape along a new axis."},
    {"index_select", METHOD_KEYWORDS(function_index_select),
     "index_select(x, axis, indices)\n--\n\nPositions `indices` (integers [n]) along an axis; negative ones count from the end.\n"
     "IndexError out of range."},
    {"gather", METHOD_KEYWORDS(function_gather),
     "gather(x, axis, indices)\n--\n\ny[.., i, ..] = x[.., indices[.., i, ..], ..]; `indices` has x's rank and its sizes but\n"
     "along the axis."},
    {0},
};
