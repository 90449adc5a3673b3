/* tensor[key] and tensor[key] = value, with NumPy's keys: integers, slices, None, ..., and lists, arrays or tensors of
   integers or bool. */
#include "talweg_python.h"

#include <string.h>

/* 1 for an integer (also NumPy's, or a tensor without axes), 0 for another kind of key. */
static int integer_key(PyObject *key, int64_t *index) {
    if (!PyIndex_Check(key) || PyBool_Check(key)) return 0;
    PyObject *whole = PyNumber_Index(key);
    if (!whole) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
        PyErr_Clear();
        return 0;
    }
    int result = int64_from(whole, "index", index) < 0 ? -1 : 1;
    Py_DECREF(whole);
    return result;
}

/* A bound of a slice: `none` if it is None. Python moves what is beyond the ends. */
static int bound(PyObject *slice, const char *name, int64_t none, int64_t *value) {
    PyObject *object = PyObject_GetAttrString(slice, name);
    if (!object) return -1;
    int result = 0;
    if (object == Py_None) {
        *value = none;
    } else {
        PyObject *index = PyNumber_Index(object);
        int overflow = 0;
        long long number = index ? PyLong_AsLongLongAndOverflow(index, &overflow) : -1;
        *value = overflow > 0 ? INT64_MAX : overflow < 0 ? INT64_MIN : number;
        result = index ? 0 : -1;
        Py_XDECREF(index);
    }
    Py_DECREF(object);
    return result;
}

static int slice_key(PyObject *slice, tw_key *key) {
    key->kind = TW_KEY_SLICE;
    if (bound(slice, "step", 1, &key->step) < 0) return -1;
    if (bound(slice, "start", key->step < 0 ? INT64_MAX : INT64_MIN, &key->start) < 0) return -1;
    return bound(slice, "stop", key->step < 0 ? INT64_MIN : INT64_MAX, &key->stop);
}

/* Positions or a mask: `keep` gets the tensor. */
static int tensor_key(State *state, PyObject *object, tw_key *key, PyObject **keep) {
    PyObject *tensor = tensor_from(state, object, NULL, NULL);
    if (!tensor) return -1;
    int64_t count;
    tw_dtype dtype;
    if (check(state, tw_tensor_count(TENSOR(tensor), &count)) < 0 ||
        check(state, tw_tensor_dtype(TENSOR(tensor), &dtype)) < 0) {
        Py_DECREF(tensor);
        return -1;
    }
    if (count == 0 && dtype_is_floating(dtype)) { /* [] is float64 in NumPy, and an index all the same */
        PyObject *whole = tensor_cast(state, tensor, TW_INT64);
        Py_DECREF(tensor);
        if (!(tensor = whole)) return -1;
    }
    *keep = tensor;
    key->kind = TW_KEY_TENSOR;
    key->tensor = TENSOR(tensor);
    return 0;
}

static int one_key(State *state, PyObject *object, tw_key *key, PyObject **keep) {
    if (object == Py_None) {
        key->kind = TW_KEY_NEW_AXIS;
        return 0;
    }
    if (object == Py_Ellipsis) {
        key->kind = TW_KEY_ELLIPSIS;
        return 0;
    }
    if (PySlice_Check(object)) return slice_key(object, key);
    key->kind = TW_KEY_POSITION;
    int integer = is_tensor(state, object) ? 0 : integer_key(object, &key->start);
    return integer == 0 ? tensor_key(state, object, key, keep) : integer < 0 ? -1 : 0;
}

void keys_release(Keys *keys) {
    for (int64_t i = 0; i < keys->count; ++i) Py_XDECREF(keys->tensors[i]);
    keys->count = 0;
}

int keys_from(State *state, PyObject *object, Keys *keys) {
    bool is_tuple = PyTuple_Check(object);
    Py_ssize_t count = is_tuple ? PyTuple_Size(object) : 1;
    memset(keys, 0, sizeof *keys);
    if (count > TW_MAX_KEYS) {
        PyErr_Format(PyExc_IndexError, "%zd keys; %d is the most", count, TW_MAX_KEYS);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; ++i) {
        keys->count = i + 1;
        PyObject *one = is_tuple ? PyTuple_GetItem(object, i) : object;
        if (one_key(state, one, &keys->keys[i], &keys->tensors[i]) < 0) {
            keys_release(keys);
            return -1;
        }
    }
    return 0;
}

PyObject *tensor_get(PyObject *self, PyObject *key) {
    State *state = object_state(self);
    Keys keys;
    if (keys_from(state, key, &keys) < 0) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_index(NULL, TENSOR(self), keys.keys, keys.count))
    keys_release(&keys);
    return tensor_wrap(state, handle);
}

Py_ssize_t tensor_length(PyObject *self) {
    State *state = object_state(self);
    int64_t rank, size;
    if (check(state, tw_tensor_rank(TENSOR(self), &rank)) < 0) return -1;
    if (rank == 0) {
        PyErr_SetString(PyExc_TypeError, "a tensor without axes has no length");
        return -1;
    }
    return check(state, tw_tensor_size(TENSOR(self), 0, &size)) < 0 ? -1 : (Py_ssize_t)size;
}

/* What iteration calls: IndexError ends it. */
PyObject *tensor_get_position(PyObject *self, Py_ssize_t index) {
    Py_ssize_t length = tensor_length(self);
    if (length < 0) return NULL;
    if (index < 0 || index >= length) {
        PyErr_Format(PyExc_IndexError, "index %zd is out of range for %zd", index, length);
        return NULL;
    }
    return tensor_wrap(object_state(self), tw_select(NULL, TENSOR(self), 0, index));
}

PyObject *written_from(State *state, PyObject *value, const tw_tensor *target) {
    PyObject *source = assigned_from(state, value, target);
    bool recorded = false;
    if (!source) return NULL;
    if (check(state, tw_tensor_requires_grad(TENSOR(source), &recorded)) == 0) {
        if (!recorded || !tw_grad_enabled()) return source;
        PyErr_SetString(PyExc_ValueError, "assignment records no gradient: detach() the value, or use index_put");
    }
    Py_DECREF(source);
    return NULL;
}

PyObject *assigned_from(State *state, PyObject *value, const tw_tensor *target) {
    tw_dtype dtype;
    if (!is_number(value)) return tensor_from(state, value, NULL, NULL);
    return check(state, tw_tensor_dtype(target, &dtype)) < 0 ? NULL : tensor_from(state, value, &dtype, NULL);
}

int tensor_set(PyObject *self, PyObject *key, PyObject *value) {
    State *state = object_state(self);
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "elements of a tensor cannot be deleted");
        return -1;
    }
    Keys keys;
    if (keys_from(state, key, &keys) < 0) return -1;
    PyObject *source = written_from(state, value, TENSOR(self));
    int result = -1;
    if (source) {
        tw_status status;
        UNLOCKED(status = tw_index_assign(TENSOR(self), keys.keys, keys.count, TENSOR(source)))
        result = check(state, status);
    }
    Py_XDECREF(source);
    keys_release(&keys);
    return result;
}
