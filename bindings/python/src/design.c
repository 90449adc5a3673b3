/* talweg.design: bases, and the design matrices they make. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_basis *handle;
} BasisObject;

#define BASIS(object) (((BasisObject *)(object))->handle)

static PyObject *basis_wrap(State *state, tw_status status, tw_basis *handle) {
    if (check(state, status) < 0) return NULL;
    BasisObject *self = PyObject_New(BasisObject, state->basis_type);
    if (self) self->handle = handle;
    else tw_basis_free(handle);
    return (PyObject *)self;
}

static PyObject *polynomial_basis(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_polynomial_options options = TW_POLYNOMIAL_OPTIONS_INIT;
    PyObject *rows;
    int family = 0, scaled = 1, interactions = 1, constant = 0;
    if (!PyArg_ParseTuple(args, "OO&ippp:polynomial_basis", &rows, to_int64, &options.degree, &family, &scaled,
                          &interactions, &constant))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    options.family = (tw_polynomial_family)family;
    options.scaled = scaled;
    options.interactions = interactions;
    options.constant = constant;
    tw_basis *handle = NULL;
    tw_status status = tw_polynomial_basis(TENSOR(X), &options, &handle);
    PyObject *result = basis_wrap(state, status, handle);
    Py_DECREF(X);
    return result;
}

static PyObject *spline_basis(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_spline_options options = TW_SPLINE_OPTIONS_INIT;
    PyObject *values, *given, *x, *knots = NULL, *result = NULL;
    int natural = 0, placement = 0, constant = 0;
    if (!PyArg_ParseTuple(args, "OO&pOO&iddp:spline_basis", &values, to_int64, &options.degree, &natural, &given,
                          to_int64, &options.count, &placement, &options.lower, &options.upper, &constant))
        return NULL;
    x = tensor_from(state, values, NULL, NULL);
    if (x && tensor_or_none(state, given, &knots) == 0) {
        options.natural = natural;
        options.knots = knots ? TENSOR(knots) : NULL;
        options.placement = (tw_knot_placement)placement;
        options.constant = constant;
        tw_basis *handle = NULL;
        tw_status status = tw_spline_basis(TENSOR(x), &options, &handle);
        result = basis_wrap(state, status, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(knots);
    return result;
}

static PyObject *fourier_basis(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    double period;
    int64_t harmonics;
    int constant = 0;
    if (!PyArg_ParseTuple(args, "dO&p:fourier_basis", &period, to_int64, &harmonics, &constant)) return NULL;
    tw_basis *handle = NULL;
    tw_status status = tw_fourier_basis(period, harmonics, constant, &handle);
    return basis_wrap(state, status, handle);
}

static PyObject *radial_basis(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *places;
    double scale;
    int kind;
    if (!PyArg_ParseTuple(args, "Oid:radial_basis", &places, &kind, &scale)) return NULL;
    PyObject *centers = tensor_from(state, places, NULL, NULL);
    if (!centers) return NULL;
    tw_basis *handle = NULL;
    tw_status status = tw_radial_basis(TENSOR(centers), (tw_radial_kind)kind, scale, &handle);
    PyObject *result = basis_wrap(state, status, handle);
    Py_DECREF(centers);
    return result;
}

static PyObject *difference_matrix(PyObject *module, PyObject *args) {
    int64_t columns, order;
    if (!PyArg_ParseTuple(args, "O&O&:difference_matrix", to_int64, &columns, to_int64, &order)) return NULL;
    return tensor_wrap(module_state(module), tw_difference_matrix(NULL, columns, order));
}

static void basis_dealloc(PyObject *self) {
    tw_basis_free(BASIS(self));
    object_free(self);
}

static PyObject *basis_evaluate(PyObject *self, PyObject *rows) {
    State *state = object_state(self);
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_basis_evaluate(NULL, BASIS(self), TENSOR(X)))
    Py_DECREF(X);
    return tensor_wrap(state, handle);
}

static PyObject *get_columns(PyObject *self, void *unused) {
    (void)unused;
    int64_t columns;
    if (check(object_state(self), tw_basis_columns(BASIS(self), &columns)) < 0) return NULL;
    return PyLong_FromLongLong(columns);
}

static PyObject *get_knots(PyObject *self, void *unused) {
    (void)unused;
    return tensor_wrap(object_state(self), tw_basis_knots(NULL, BASIS(self)));
}

static PyGetSetDef getset[] = {
    {"columns", get_columns, NULL, NULL, NULL},
    {"knots", get_knots, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"evaluate", basis_evaluate, METH_O, "evaluate($self, X, /)\n--\n\nThe design matrix of rows."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's basis, under talweg.design.Basis."},
    {Py_tp_dealloc, basis_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.DesignBasis", sizeof(BasisObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int basis_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->basis_type);
}

PyMethodDef design_functions[] = {
    {"polynomial_basis", polynomial_basis, METH_VARARGS,
     "polynomial_basis(X, degree, family, scaled, interactions, constant, /)\n--\n\nUnder talweg.design.polynomial."},
    {"spline_basis", spline_basis, METH_VARARGS,
     "spline_basis(x, degree, natural, knots, count, placement, lower, upper, constant, /)\n--\n\n"
     "Under talweg.design.bspline and natural_spline."},
    {"fourier_basis", fourier_basis, METH_VARARGS,
     "fourier_basis(period, harmonics, constant, /)\n--\n\nUnder talweg.design.fourier."},
    {"radial_basis", radial_basis, METH_VARARGS,
     "radial_basis(centers, kind, scale, /)\n--\n\nUnder talweg.design.radial."},
    {"difference_matrix", difference_matrix, METH_VARARGS,
     "difference_matrix(columns, order, /)\n--\n\nAs talweg.design.difference_matrix."},
    {0},
};
