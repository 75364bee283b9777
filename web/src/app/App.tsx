// SPDX-License-Identifier: Apache-2.0
/* App.tsx - what is shown: the pages before signing in, or the shell with its rooms. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { textOf } from '../api/problem.ts';
import type { Instance } from '../api/types.ts';
import { ServicesContext, useSelect } from '../model/services.ts';
import { LanguageContext } from '../rooms/accounts/language.ts';
import { ResetPage, SignInPage } from '../rooms/accounts/SignInPage.tsx';
import { SignUpPage } from '../rooms/accounts/SignUpPage.tsx';
import { WelcomePage } from '../rooms/accounts/WelcomePage.tsx';
import { SenderContext } from '../rooms/chat/room.ts';
import { PictureHost } from '../rooms/media/PictureViewer.tsx';
import { language, setLanguage, t, type Language } from '../text/text.ts';
import { Empty, Failed, Waiting } from '../ui/controls.tsx';
import { OverlayHost } from '../ui/OverlayHost.tsx';
import { matchPath, navigate, usePlace } from '../ui/router.tsx';
import './app.css';
import type { GuanxiApp } from './create_app.ts';
import { Shell } from './Shell.tsx';

export function App({ app }: { app: GuanxiApp }) {
	const [shownLanguage, setShown] = useState(language());
	const change = useCallback((next: Language) => {
		setLanguage(next);
		setShown(next);
	}, []);
	const services = useMemo(() => ({ api: app.api, store: app.store, disk: app.disk }), [app]);
	return (
		<ServicesContext.Provider value={services}>
			<SenderContext.Provider value={app.sender}>
				<LanguageContext.Provider value={change}>
					{/* Another language is another page: everything is drawn anew. */}
					<Pages key={shownLanguage} app={app} />
					<OverlayHost key={`overlays-${shownLanguage}`} />
					<PictureHost />
				</LanguageContext.Provider>
			</SenderContext.Provider>
		</ServicesContext.Provider>
	);
}

function Pages({ app }: { app: GuanxiApp }) {
	const phase = useSelect((state) => state.phase);
	const { path } = usePlace();
	if (phase === 'starting') return null;
	if (phase === 'signed_out') return <Visitor app={app} path={path} />;
	if (path === '/welcome') return <WelcomePage />;
	return <Shell />;
}

function Visitor({ app, path }: { app: GuanxiApp; path: string }) {
	const [instance, setInstance] = useState<Instance | null>(null);
	const [error, setError] = useState<string | null>(null);
	const read = useCallback(() => {
		setError(null);
		app.readInstance().then(setInstance, (cause: unknown) => setError(textOf(cause)));
	}, [app]);
	useEffect(read, [read]);
	useEffect(() => {
		document.title = t('ui.name');
	}, []);
	const code = matchPath('/join/:code', path)?.code;
	if (error !== null) {
		return (
			<Empty title={t('sync.server_away')} note={t('sync.server_away_note')}>
				<Failed text={error} onRetry={read} />
			</Empty>
		);
	}
	if (!instance) return <Waiting />;
	if (instance.needs_owner) return <SignUpPage instance={instance} />;
	if (code !== undefined) return <SignUpPage instance={instance} code={code} />;
	if (path === '/sign-up') return <SignUpPage instance={instance} />;
	if (path === '/reset') return <ResetPage />;
	return <SignInAt path={path} />;
}

/* Whatever was asked for, it needs signing in first. */
function SignInAt({ path }: { path: string }) {
	useEffect(() => {
		if (path === '/') navigate('/sign-in', { replace: true });
	}, [path]);
	return <SignInPage />;
}
