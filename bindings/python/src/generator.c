/* talweg.random.Generator: a seeded source of random numbers. */
#include "talweg_python.h"

static tw_generator *handle_of(PyObject *self) {
    return ((GeneratorObject *)self)->handle;
}

int generator_from(State *state, PyObject *object, tw_generator **generator) {
    if (object == Py_None) {
        *generator = NULL;
        return 0;
    }
    if (Py_TYPE(object) != state->generator_type) {
        PyErr_Format(PyExc_TypeError, "generator is a talweg.random.Generator or None, not %R", Py_TYPE(object));
        return -1;
    }
    *generator = handle_of(object);
    return 0;
}

static PyObject *generator_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"seed", NULL};
    uint64_t seed = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O&:Generator", names, to_uint64, &seed)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (!self) return NULL;
    if (check(object_state(self), tw_generator_new(seed, &((GeneratorObject *)self)->handle)) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void generator_dealloc(PyObject *self) {
    tw_generator_free(handle_of(self));
    object_free(self);
}

static PyObject *generator_get_state(PyObject *self, void *unused) {
    (void)unused;
    uint64_t seed, position;
    if (check(object_state(self), tw_generator_state(handle_of(self), &seed, &position)) < 0) return NULL;
    return Py_BuildValue("(KK)", (unsigned long long)seed, (unsigned long long)position);
}

int generator_state_from(PyObject *object, uint64_t *seed, uint64_t *position) {
    if (!object || !PyTuple_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "state is a tuple (seed, position)");
        return -1;
    }
    const char *format = "O&O&;state is a tuple (seed, position)";
    return PyArg_ParseTuple(object, format, to_uint64, seed, to_uint64, position) ? 0 : -1;
}

static int generator_set_state(PyObject *self, PyObject *value, void *unused) {
    (void)unused;
    uint64_t seed, position;
    if (generator_state_from(value, &seed, &position) < 0) return -1;
    return check(object_state(self), tw_generator_set_state(handle_of(self), seed, position));
}

/* For pickle and copy: a generator of any seed, then its state. */
static PyObject *generator_reduce(PyObject *self, PyObject *unused) {
    (void)unused;
    PyObject *state = generator_get_state(self, NULL);
    return state ? Py_BuildValue("(O()N)", (PyObject *)Py_TYPE(self), state) : NULL;
}

static PyObject *generator_setstate(PyObject *self, PyObject *value) {
    if (generator_set_state(self, value, NULL) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"__reduce__", generator_reduce, METH_NOARGS, NULL},
    {"__setstate__", generator_setstate, METH_O, NULL},
    {0},
};

static PyGetSetDef getset[] = {
    {"state", generator_get_state, generator_set_state, "(seed, position in its stream): settable, to resume.", NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Generator(seed=0)\n--\n\nA seeded source of random numbers (Philox 4x32-10): a pure function of seed\n"
                "and position, the same on any number of threads."},
    {Py_tp_new, generator_new},
    {Py_tp_dealloc, generator_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {0},
};

static PyType_Spec spec = {"talweg.random.Generator", sizeof(GeneratorObject), 0, Py_TPFLAGS_DEFAULT, slots};

int generator_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->generator_type);
}
