"""The expected values of LeastSquaresTests.swift, by the textbook formulas in NumPy:
python3 Tests/TalwegTests/Fixtures/lstsq.py"""
import numpy as np
n,p=12,3
i=np.arange(n)[:,None]; j=np.arange(p)[None,:]
X=np.sin(1.7*i*(j+1)+0.3*j)+j; y=np.cos(0.9*np.arange(n))+0.5*np.arange(n); w=1+np.arange(n)%4
def fit(X,y,w,ridge,intercept=True):
    n,p=X.shape; W=np.diag(w)
    A=np.column_stack([X,np.ones(n)]) if intercept else X
    P=np.zeros(A.shape[1]); P[:p]=ridge; P=np.diag(P)
    H=np.linalg.inv(A.T@W@A+P); b=H@A.T@W@y
    r=y-A@b; rss=r@W@r; df=n-p-intercept
    V=H@A.T@W@A@H*rss/df
    m=np.average(y,weights=w) if intercept else 0
    return b,np.sqrt(np.diag(V)),rss,1-rss/(w@(y-m)**2)
np.set_printoptions(precision=17)
for ww,r,ic in ((np.ones(n),0,True),(w,0,True),(w,2.5,True),(w,2.5,False)):
    print(r,ic,*[repr(np.asarray(v).tolist()) for v in fit(X,y,ww.astype(float),r,ic)],sep='\n')
# wide min norm
Xw=X[:3].copy(); Xw=np.sin(1.7*np.arange(3)[:,None]*(np.arange(5)[None,:]+1)+0.3*np.arange(5)[None,:])*np.array([1,10,.1,1,3])
yw=np.array([1,-2,.5])
print('wide',np.linalg.pinv(Xw)@yw)
c=Xw-Xw.mean(0); d=yw-yw.mean(); b=np.linalg.pinv(c,rcond=1e-12)@d; print('wide ic',b.tolist(),yw.mean()-Xw.mean(0)@b)
lam=0.7; b=np.linalg.solve(c.T@c+lam*np.eye(5),c.T@d); print('wide ridge',b.tolist(),yw.mean()-Xw.mean(0)@b)
H=np.linalg.inv(Xw.T@Xw+lam*np.eye(5)); b=H@Xw.T@yw; print('wide ridge no ic',b.tolist())
A=np.vstack([Xw,np.sqrt(lam)*np.eye(5)]); A/=np.linalg.norm(A,axis=0); print('cond',np.linalg.cond(A))
Z=X-X.mean(0); Z/=np.linalg.norm(Z,axis=0); print('cond X',np.linalg.cond(Z))
