// The part of ncc's interface that script/build.ts uses; the package ships no types.

declare module "@vercel/ncc" {
  interface Options {
    readonly cache: boolean;
    readonly externals: Readonly<Record<string, string>>;
    readonly license: string;
    readonly minify: boolean;
    readonly quiet: boolean;
    readonly transpileOnly: boolean;
  }

  interface Bundle {
    readonly code: string;
    readonly assets: Readonly<Record<string, { readonly source: string | Uint8Array }>>;
  }

  export default function ncc(entry: string, options: Options): Promise<Bundle>;
}
