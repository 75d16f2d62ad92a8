// The part of ncc's interface that script/build.ts uses; the package ships no types.

declare module "@vercel/ncc" {
  interface Options {
    readonly cache: boolean;
    readonly externals: Readonly<Record<string, string>>;
    readonly minify: boolean;
    readonly quiet: boolean;
  }

  interface Bundle {
    readonly code: string;
    readonly assets: Readonly<Record<string, unknown>>;
  }

  export default function ncc(entry: string, options: Options): Promise<Bundle>;
}
