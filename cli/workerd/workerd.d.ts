/** The npm package `workerd` has no types. Imported from an ES module, its default is the CommonJS exports object. */
declare module "workerd" {
  const workerd: {
    /** The path of this platform's binary. */
    readonly default: string;
  };
  export default workerd;
}
