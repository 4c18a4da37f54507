const PATHS = {
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  done: 'M5 13l4 4L19 7',
  external: 'M14 5h5v5M19 5l-8 8M17 14v5H5V7h5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-7 8-7s7 2 8 7',
  restart: 'M4 4v6h6M4.5 10A8 8 0 1 1 4 14',
  send: 'M4 12l16-8-5 16-3-6zM12 14l8-10',
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg aria-hidden="true" className="icon" focusable="false" viewBox="0 0 24 24">
      <path d={PATHS[name]} />
    </svg>
  );
}
