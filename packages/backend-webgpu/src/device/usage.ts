// The flag values of WebGPU. Pages have them as globals, Node does not, and they are fixed by the
// specification (§5.1.1, §5.1.2), so they are written down once here.

export const bufferUsage = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const mapMode = { read: 0x0001 } as const;

export const shaderStage = { compute: 0x4 } as const;
