/* Operators of tensors. Python numbers give way to the tensor's dtype. */
#include "talweg_python.h"

/* A tensor of an operand, or NULL without an exception for what is none. */
static PyObject *operand(State *state, PyObject *object) {
    if (is_tensor(state, object) || is_number(object) || PyObject_CheckBuffer(object) || PyList_Check(object) ||
        PyTuple_Check(object))
        return tensor_from(state, object, NULL, NULL);
    return NULL;
}

static PyObject *beside(State *state, PyObject *number, PyObject *tensor) {
    tw_dtype dtype;
    if (check(state, tw_tensor_dtype(TENSOR(tensor), &dtype)) < 0) return NULL;
    return number_beside(state, number, dtype);
}

/* Both operands as tensors; either is NULL without an exception if it is none. */
static void operands(State *state, PyObject *a, PyObject *b, PyObject **x, PyObject **y) {
    *x = *y = NULL;
    if (is_number(a) && !is_number(b)) {
        if ((*y = operand(state, b))) *x = beside(state, a, *y);
    } else if ((*x = operand(state, a))) {
        *y = is_number(b) && !is_number(a) ? beside(state, b, *x) : operand(state, b);
    }
}

/* The shorter way where a floating tensor meets a number. */
static bool with_number(State *state, PyObject *tensor, PyObject *number, ScalarOp op, PyObject **result) {
    tw_dtype dtype;
    if (!op || !is_tensor(state, tensor) || !is_number(number)) return false;
    if (tw_tensor_dtype(TENSOR(tensor), &dtype) != TW_OK || !dtype_is_floating(dtype)) return false;
    double value = PyFloat_AsDouble(number);
    if (value == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(tensor), value))
    *result = tensor_wrap(state, handle);
    return true;
}

PyObject *binary(State *state, PyObject *a, PyObject *b, BinaryOp op, ScalarOp scalar_op) {
    PyObject *x, *y, *result = NULL;
    if (with_number(state, a, b, scalar_op, &result)) return result;
    operands(state, a, b, &x, &y);
    if (x && y) {
        tw_tensor *handle;
        UNLOCKED(handle = op(NULL, TENSOR(x), TENSOR(y)))
        result = tensor_wrap(state, handle);
    } else if (!PyErr_Occurred()) {
        result = Py_NewRef(Py_NotImplemented);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

/* A slot gets the operands as they stand; either may be the tensor. */
static PyObject *operator(PyObject *a, PyObject *b, BinaryOp op, ScalarOp scalar_op) {
    State *state = object_state(a);
    if (!state) state = object_state(b);
    return binary(state, a, b, op, scalar_op);
}

PyObject *number_add(PyObject *a, PyObject *b) {
    return operator(a, b, tw_add, tw_add_scalar);
}

PyObject *number_subtract(PyObject *a, PyObject *b) {
    return operator(a, b, tw_subtract, tw_subtract_scalar);
}

PyObject *number_multiply(PyObject *a, PyObject *b) {
    return operator(a, b, tw_multiply, tw_multiply_scalar);
}

PyObject *number_divide(PyObject *a, PyObject *b) {
    return operator(a, b, tw_divide, tw_divide_scalar);
}

PyObject *number_floor_divide(PyObject *a, PyObject *b) {
    return operator(a, b, tw_floor_divide, NULL);
}

PyObject *number_remainder(PyObject *a, PyObject *b) {
    return operator(a, b, tw_remainder, NULL);
}

PyObject *number_matmul(PyObject *a, PyObject *b) {
    return operator(a, b, tw_matmul, NULL);
}

PyObject *number_power(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return operator(a, b, tw_power, tw_power_scalar);
}

PyObject *number_and(PyObject *a, PyObject *b) {
    return operator(a, b, tw_bitwise_and, NULL);
}

PyObject *number_or(PyObject *a, PyObject *b) {
    return operator(a, b, tw_bitwise_or, NULL);
}

PyObject *number_xor(PyObject *a, PyObject *b) {
    return operator(a, b, tw_bitwise_xor, NULL);
}

PyObject *number_left_shift(PyObject *a, PyObject *b) {
    return operator(a, b, tw_bitwise_left_shift, NULL);
}

PyObject *number_right_shift(PyObject *a, PyObject *b) {
    return operator(a, b, tw_bitwise_right_shift, NULL);
}

PyObject *number_negative(PyObject *self) {
    return unary(object_state(self), self, tw_negative);
}

PyObject *number_positive(PyObject *self) {
    return Py_NewRef(self);
}

PyObject *number_absolute(PyObject *self) {
    return unary(object_state(self), self, tw_absolute);
}

PyObject *number_invert(PyObject *self) {
    return unary(object_state(self), self, tw_bitwise_invert);
}

/* Writes the result to the tensor's own elements, unless the tape has to hear of it: then the name gets the result,
   as if the operator had been written out. */
static PyObject *in_place(PyObject *self, PyObject *result) {
    if (!result || result == Py_NotImplemented) return result;
    State *state = object_state(self);
    tw_dtype held, given;
    bool recorded, records;
    int ready = check(state, tw_tensor_requires_grad(TENSOR(self), &recorded));
    if (ready == 0) ready = check(state, tw_tensor_requires_grad(TENSOR(result), &records));
    if (ready == 0 && (recorded || records) && tw_grad_enabled()) return result;
    if (ready == 0) ready = check(state, tw_tensor_dtype(TENSOR(self), &held));
    if (ready == 0) ready = check(state, tw_tensor_dtype(TENSOR(result), &given));
    if (ready == 0 && held != given) {
        PyErr_Format(PyExc_TypeError, "in place: the result is %s, the tensor holds %s", tw_dtype_name(given),
                     tw_dtype_name(held));
        ready = -1;
    }
    if (ready == 0) {
        tw_status status;
        UNLOCKED(status = tw_tensor_assign(TENSOR(self), TENSOR(result)))
        ready = check(state, status);
    }
    Py_DECREF(result);
    return ready < 0 ? NULL : Py_NewRef(self);
}

#define IN_PLACE(name) \
    PyObject *number_inplace_##name(PyObject *self, PyObject *other) { \
        return in_place(self, number_##name(self, other)); \
    }
IN_PLACE(add)
IN_PLACE(subtract)
IN_PLACE(multiply)
IN_PLACE(divide)
IN_PLACE(floor_divide)
IN_PLACE(remainder)
IN_PLACE(matmul)
IN_PLACE(and)
IN_PLACE(or)
IN_PLACE(xor)
IN_PLACE(left_shift)
IN_PLACE(right_shift)

PyObject *number_inplace_power(PyObject *self, PyObject *other, PyObject *modulus) {
    return in_place(self, number_power(self, other, modulus));
}

PyObject *tensor_item(PyObject *self, PyObject *unused) {
    (void)unused;
    State *state = object_state(self);
    tw_dtype dtype;
    int64_t whole;
    uint64_t positive;
    double value;
    if (check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0) return NULL;
    if (dtype_is_floating(dtype))
        return check(state, tw_tensor_item(TENSOR(self), &value)) < 0 ? NULL : PyFloat_FromDouble(value);
    if (dtype == TW_UINT64)
        return check(state, tw_tensor_item_uint64(TENSOR(self), &positive)) < 0 ? NULL
                                                                               : PyLong_FromUnsignedLongLong(positive);
    if (check(state, tw_tensor_item_int64(TENSOR(self), &whole)) < 0) return NULL;
    return dtype == TW_BOOL ? PyBool_FromLong(whole != 0) : PyLong_FromLongLong(whole);
}

int number_bool(PyObject *self) {
    double value;
    if (check(object_state(self), tw_tensor_item(TENSOR(self), &value)) < 0) return -1;
    return value != 0;
}

PyObject *number_float(PyObject *self) {
    double value;
    if (check(object_state(self), tw_tensor_item(TENSOR(self), &value)) < 0) return NULL;
    return PyFloat_FromDouble(value);
}

PyObject *number_int(PyObject *self) {
    PyObject *item = tensor_item(self, NULL);
    PyObject *result = item ? PyNumber_Long(item) : NULL;
    Py_XDECREF(item);
    return result;
}

/* As in NumPy: only an integer without axes is an index. */
PyObject *number_index(PyObject *self) {
    State *state = object_state(self);
    tw_dtype dtype;
    int64_t rank;
    if (check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0 ||
        check(state, tw_tensor_rank(TENSOR(self), &rank)) < 0)
        return NULL;
    if (rank != 0 || dtype_is_floating(dtype) || dtype == TW_BOOL) {
        PyErr_SetString(PyExc_TypeError, "only an integer tensor without axes can be an index");
        return NULL;
    }
    return tensor_item(self, NULL);
}

PyObject *number_compare(PyObject *a, PyObject *b, int op) {
    static const BinaryOp ops[] = {[Py_LT] = tw_less,      [Py_LE] = tw_less_equal, [Py_EQ] = tw_equal,
                                   [Py_NE] = tw_not_equal, [Py_GT] = tw_greater,    [Py_GE] = tw_greater_equal};
    return operator(a, b, ops[op], NULL);
}
