/** The part of WebAssembly that is used here. Its types are only in those of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBuffer
  }
  class Global {
    value: number
  }
  interface MemoryDescriptor {
    initial: number
    maximum?: number
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  interface WebAssemblyInstantiatedSource {
    readonly instance: Instance
  }
  function compile(bytes: Uint8Array): Promise<Module>
}
